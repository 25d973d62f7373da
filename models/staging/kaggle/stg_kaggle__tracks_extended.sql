with

source as (

    select * from {{ source('kaggle', 'tracks_extended') }}

),

renamed as (

    select
        track_id,
        track_name,
        artist_name,
        genre as source_genre,
        year as release_year,
        popularity,
        duration_ms,
        danceability,
        energy,
        key,
        loudness,
        mode,
        speechiness,
        acousticness,
        instrumentalness,
        liveness,
        valence,
        tempo,
        time_signature
    from source

)

select * from renamed
