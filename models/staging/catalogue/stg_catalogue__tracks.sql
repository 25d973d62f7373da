with

source as (

    select * from {{ source('catalogue', 'tracks') }}

),

renamed as (

    select
        track_key,
        id as track_id,
        name as track_name,
        id_artists as source_artist_ids,
        artists as source_artist_names,
        album_name,
        release_date as release_date_text,
        popularity,
        track_number,
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
        time_signature,
        explicit = 1 as is_explicit,
        track_key > min(track_key) over (partition by id) as is_repeated
    from source

)

select * from renamed
