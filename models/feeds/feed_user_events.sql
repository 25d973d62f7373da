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

final as (

    select
        plays.event_id as id,
        plays.ended_at as timestamp,
        dim_tracks.track_id,
        dim_users.user_id,
        plays.listening_ms as listening_time
    from plays
    inner join dim_users
        on plays.user_key = dim_users.user_key
    inner join dim_tracks
        on plays.track_key = dim_tracks.track_key

)

select * from final
