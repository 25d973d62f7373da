with

tracks as (

    select * from {{ ref('stg_catalogue__tracks') }}

),

artists as (

    select * from {{ ref('stg_catalogue__artists') }}

),

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

primary_genres as (

    select
        track_key,
        genre_id
    from {{ ref('bridge_track_genres') }}
    where is_primary

),

track_albums as (

    select * from {{ ref('int_track_albums') }}

),

track_clusters as (

    select * from {{ ref('stg_catalogue__track_audio_clusters') }}

),

final as (

    select
        tracks_joined.track_key,
        tracks.track_id,
        tracks_joined.artist_key,
        track_albums.album_key,
        primary_genres.genre_id as primary_genre_id,
        tracks.track_name,
        artists.artist_name,
        tracks_joined.release_precision,
        track_albums.album_position,
        tracks.duration_ms,
        round(tracks.popularity / 100, 8) as popularity,
        tracks_joined.newness_score,
        cast(extract(year from tracks_joined.released_on) as integer) as release_year,
        track_clusters.audio_features_type,
        tracks.danceability,
        tracks.energy,
        tracks.key,
        tracks.loudness,
        tracks.mode,
        tracks.speechiness,
        tracks.acousticness,
        tracks.instrumentalness,
        tracks.liveness,
        tracks.valence,
        tracks.tempo,
        tracks.time_signature,
        tracks.is_explicit,
        tracks_joined.is_duration_estimated,
        tracks_joined.is_imported,
        tracks_joined.released_on
    from tracks_joined
    inner join tracks
        on tracks_joined.track_key = tracks.track_key
    inner join artists
        on tracks_joined.artist_key = artists.artist_key
    left join primary_genres
        on tracks_joined.track_key = primary_genres.track_key
    left join track_albums
        on tracks_joined.track_key = track_albums.track_key
    left join track_clusters
        on tracks_joined.track_key = track_clusters.track_key

)

select * from final
