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
        {%- for audio_features_type in range(3) %}
        audio_features_type = {{ audio_features_type }} as is_audio_type_{{ audio_features_type }},
        {%- endfor %}
        is_explicit
    from dim_tracks

)

select * from features
