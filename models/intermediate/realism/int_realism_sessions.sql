with

plays as (

    select * from {{ ref('int_realism_plays') }}

),

windows as (

    select * from {{ ref('int_realism_windows') }}

),

sessions as (

    select
        plays.user_key,
        windows.window_days,
        plays.listening_session_id,
        min(plays.user_position) as first_position,
        count(*) as play_count
    from plays
    inner join windows
        on plays.ended_on >= windows.window_starts_on
    group by plays.user_key, windows.window_days, plays.listening_session_id

)

select * from sessions
