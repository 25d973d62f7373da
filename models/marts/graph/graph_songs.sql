with

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

features as (

    select
        cast(row_number() over (order by track_key) - 1 as integer) as node_index,
        track_key,
        track_id,
        track_name,
        duration_ms,
        popularity,
        newness_score,
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
        audio_features_type = 0 as is_audio_type_0,
        audio_features_type = 1 as is_audio_type_1,
        audio_features_type = 2 as is_audio_type_2,
        is_explicit
    from dim_tracks

)

select * from features
