with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

dim_users as (

    select * from {{ ref('dim_users') }}

),

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

final as (

    select
        dim_users.user_id,
        dim_tracks.track_id,
        dim_artists.artist_id,
        plays.started_at as timestamp,
        plays.listening_ms as ms_played,
        plays.duration_ms as track_duration_ms
    from plays
    inner join dim_users
        on plays.user_key = dim_users.user_key
    inner join dim_tracks
        on plays.track_key = dim_tracks.track_key
    inner join dim_artists
        on plays.artist_key = dim_artists.artist_key

)

select * from final
