-- The one primary genre of a track's genres is that of the track.
with

tracks as (

    select * from {{ ref('dim_tracks') }}

),

track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

ambiguous as (

    select tracks.track_key
    from tracks
    left join track_genres
        on
            tracks.track_key = track_genres.track_key
            and track_genres.is_primary
    group by tracks.track_key, tracks.primary_genre_id
    having
        count(track_genres.genre_id) <> count(distinct tracks.primary_genre_id)
        or min(track_genres.genre_id) <> tracks.primary_genre_id

)

select * from ambiguous
