with

plays as (

    select * from {{ ref('int_realism_window_plays') }}

),

sessions as (

    select
        user_key,
        window_days,
        session_first_position,
        count(*) as play_count
    from plays
    group by user_key, window_days, session_first_position

),

active_days as (

    select
        user_key,
        window_days,
        count(distinct ended_on) as day_count
    from plays
    group by user_key, window_days

),

habits as (

    select
        sessions.user_key,
        sessions.window_days,
        avg(sessions.play_count) as tracks_per_session_mean,
        {{ quantile('sessions.play_count', 0.5) }} as tracks_per_session_median,
        {{ share_of('sessions.play_count = 1') }} as single_track_session_share,
        cast(count(*) as double) / max(active_days.day_count) as sessions_per_active_day
    from sessions
    inner join active_days
        on
            sessions.user_key = active_days.user_key
            and sessions.window_days = active_days.window_days
    group by sessions.user_key, sessions.window_days

)

{{ statistic_rows('habits', [
    'tracks_per_session_mean',
    'tracks_per_session_median',
    'single_track_session_share',
    'sessions_per_active_day',
]) }}
