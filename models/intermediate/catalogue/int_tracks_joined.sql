with

tracks as (

    select * from {{ ref('stg_catalogue__tracks') }}

),

tracks_matched as (

    select * from {{ ref('int_tracks_matched') }}

),

tracks_dated as (

    select * from {{ ref('int_tracks_dated') }}

),

first_artists as (

    select
        track_key,
        artist_id
    from {{ ref('int_track_artists') }}
    where artist_position = 1

),

artists as (

    select * from {{ ref('stg_catalogue__artists') }}

),

joined as (

    select
        tracks.track_key,
        artists.artist_key,
        coalesce(tracks.album_name, tracks_matched.album_name) as album_name,
        tracks_matched.source_genre,
        tracks_dated.release_precision,
        tracks.track_number,
        tracks_dated.released_on
    from tracks
    inner join tracks_matched
        on tracks.track_key = tracks_matched.track_key
    inner join tracks_dated
        on tracks.track_key = tracks_dated.track_key
    inner join first_artists
        on tracks.track_key = first_artists.track_key
    inner join artists
        on first_artists.artist_id = artists.artist_id

)

select * from joined
