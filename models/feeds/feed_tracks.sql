with

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

dim_albums as (

    select * from {{ ref('dim_albums') }}

),

dim_genres as (

    select * from {{ ref('dim_genres') }}

),

final as (

    select
        dim_tracks.track_id,
        dim_tracks.track_name as name,
        dim_artists.artist_name as artist,
        dim_tracks.duration_ms as duration,
        dim_tracks.popularity,
        dim_tracks.released_on as release_date,
        dim_tracks.is_explicit as explicit,
        dim_tracks.danceability,
        dim_tracks.energy,
        cast(dim_tracks.key as integer) as key,
        dim_tracks.loudness,
        cast(dim_tracks.mode as integer) as mode,
        dim_tracks.speechiness,
        dim_tracks.acousticness,
        dim_tracks.instrumentalness,
        dim_tracks.liveness,
        dim_tracks.valence,
        dim_tracks.tempo,
        dim_tracks.time_signature,
        dim_genres.genre_name as genre,
        dim_tracks.newness_score,
        dim_tracks.audio_features_type,
        dim_artists.artist_id,
        dim_albums.album_id,
        dim_albums.album_name as album,
        dim_tracks.album_position
    from dim_tracks
    inner join dim_artists
        on dim_tracks.artist_key = dim_artists.artist_key
    inner join dim_albums
        on dim_tracks.album_key = dim_albums.album_key
    inner join dim_genres
        on dim_tracks.primary_genre_id = dim_genres.genre_id

)

select * from final
