with

source as (

    select * from {{ source('kaggle', 'tracks') }}

),

first_of_each_id as (

    select min(track_key) as track_key
    from source
    group by id

),

renamed as (

    select
        source.track_key,
        source.id as track_id,
        source.name as track_name,
        source.release_date as release_date_text,
        source.popularity,
        source.duration_ms,
        source.danceability,
        source.energy,
        source.key,
        source.loudness,
        source.mode,
        source.speechiness,
        source.acousticness,
        source.instrumentalness,
        source.liveness,
        source.valence,
        source.tempo,
        source.time_signature,
        source.explicit = 1 as is_explicit
    from source
    inner join first_of_each_id
        on source.track_key = first_of_each_id.track_key

)

select * from renamed
