with

user_genre_years as (

    select * from {{ ref('int_user_genre_years') }}

),

top_genres as (

    {{ top_list('user_genre_years', ['user_key', 'wrapped_year'], 'genre_id') }}

),

final as (

    select
        user_key,
        genre_id,
        wrapped_year,
        list_rank as genre_rank,
        listen_count,
        {{ minutes_of('listening_ms') }} as minutes
    from top_genres

)

select * from final
