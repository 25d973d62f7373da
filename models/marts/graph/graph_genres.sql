with

dim_genres as (

    select * from {{ ref('dim_genres') }}

),

features as (

    select
        cast(row_number() over (order by genre_id) - 1 as integer) as node_index,
        genre_id,
        genre_name,
        genre_rank,
        popularity
    from dim_genres

)

select * from features
