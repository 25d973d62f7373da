with

tracks as (

    select * from {{ ref('dim_tracks') }}

),

track_popularity_shares as (

    select
        track_key,
        cast(
            percent_rank() over (
                partition by primary_genre_id
                order by popularity
            ) as decimal(18, 9)
        ) as less_popular_share
    from tracks

)

select * from track_popularity_shares
