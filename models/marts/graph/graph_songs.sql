with

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

user_tracks as (

    select * from {{ ref('int_user_tracks') }}

),

heard_in_training as (

    select distinct track_key
    from user_tracks
    where train_play_count > 0

),

features as (

    select
        cast(row_number() over (order by dim_tracks.track_key) - 1 as integer) as node_index,
        dim_tracks.track_key,
        dim_tracks.track_id,
        dim_tracks.track_name,
        dim_tracks.duration_ms,
        dim_tracks.popularity,
        dim_tracks.newness_score,
        dim_tracks.danceability,
        dim_tracks.energy,
        dim_tracks.key,
        dim_tracks.loudness,
        dim_tracks.mode,
        dim_tracks.speechiness,
        dim_tracks.acousticness,
        dim_tracks.instrumentalness,
        dim_tracks.liveness,
        dim_tracks.valence,
        dim_tracks.tempo,
        coalesce(dim_tracks.audio_features_type = 0, false) as is_audio_type_0,
        coalesce(dim_tracks.audio_features_type = 1, false) as is_audio_type_1,
        coalesce(dim_tracks.audio_features_type = 2, false) as is_audio_type_2,
        dim_tracks.is_explicit,
        heard_in_training.track_key is null as is_cold
    from dim_tracks
    left join heard_in_training
        on dim_tracks.track_key = heard_in_training.track_key

)

select * from features
