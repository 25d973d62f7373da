with

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

features as (

    select
        cast(row_number() over (order by artist_key) - 1 as integer) as node_index,
        artist_key,
        artist_id,
        artist_name,
        popularity,
        ln(1 + followers) as log_followers,
        track_count
    from dim_artists

)

select * from features
