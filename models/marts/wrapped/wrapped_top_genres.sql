with

user_genre_years as (

    select * from {{ ref('int_user_genre_years') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by user_key, wrapped_year
            order by listen_count desc, listening_ms desc, genre_id asc
        ) as genre_rank
    from user_genre_years
    where listen_count > 0

),

final as (

    select
        user_key,
        genre_id,
        wrapped_year,
        cast(genre_rank as integer) as genre_rank,
        listen_count,
        {{ minutes_of('listening_ms') }} as minutes
    from ranked
    where genre_rank <= {{ var('wrapped_list_length') }}

)

select * from final
