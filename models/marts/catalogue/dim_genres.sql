with

genres as (

    select * from {{ ref('genres') }}

),

bridge_artist_genres as (

    select * from {{ ref('bridge_artist_genres') }}

),

bridge_track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

artist_counts as (

    select
        genre_id,
        count(*) as artist_count
    from bridge_artist_genres
    group by genre_id

),

track_counts as (

    select
        genre_id,
        count(*) as track_count
    from bridge_track_genres
    group by genre_id

),

final as (

    select
        genres.genre_id,
        genres.genre_name,
        genres.genre_rank,
        genres.popularity,
        artist_counts.artist_count,
        track_counts.track_count
    from genres
    inner join artist_counts
        on genres.genre_id = artist_counts.genre_id
    inner join track_counts
        on genres.genre_id = track_counts.genre_id

)

select * from final
