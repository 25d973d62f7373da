with

plays as (

    select * from {{ ref('int_realism_plays') }}

),

windows as (

    select * from {{ ref('int_realism_windows') }}

),

user_tracks as (

    select
        plays.user_key,
        windows.window_days,
        plays.track_key,
        min(plays.artist_key) as artist_key,
        count(*) as play_count
    from plays
    inner join windows
        on plays.ended_on >= windows.window_starts_on
    group by plays.user_key, windows.window_days, plays.track_key

)

select * from user_tracks
