with

dim_genres as (

    select * from {{ ref('dim_genres') }}

),

final as (

    select
        genre_id,
        genre_name,
        popularity
    from dim_genres

)

select * from final
