with

plays as (

    select
        *,
        {#- 1970-01-05 was a Monday. #}
        mod({{ dbt.datediff("cast('1970-01-05' as date)", 'ended_on', 'day') }}, 7) >= 5
            as is_weekend,
        case when not is_session_start then skips_before > 0 end as is_after_skip,
        case when is_session_start then pause_ms / cast(3600000 as double) end as gap_hours,
        minutes_since_heard / cast(60 as double) as return_hours
    from {{ ref('int_realism_plays') }}
    where is_matched

),

windows as (

    select * from {{ ref('int_realism_windows') }}

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

session_habits as (

    select
        user_key,
        window_days,
        count(*) as session_count,
        avg(play_count) as tracks_per_session_mean,
        {{ quantile('play_count', 0.5) }} as tracks_per_session_median,
        {{ share_of('play_count = 1') }} as single_track_session_share
    from sessions
    group by user_key, window_days

),

play_habits as (

    select
        user_key,
        window_days,
        count(distinct ended_on) as active_day_count,
        cast(5 * count(*) filter (where is_weekend) as double)
        / nullif(2 * count(*) filter (where not is_weekend), 0) as weekend_to_weekday_ratio,
        {{ share_of('listening_ms < 5000') }} as stopped_under_5s_share,
        {{ share_of('listening_ms < 10000') }} as stopped_under_10s_share,
        {{ share_of('is_skip') }} as stopped_under_30s_share,
        {{ share_of('track_key = previous_track_key') }} as next_same_track_share,
        {{ share_of('artist_key = previous_artist_key') }} as next_same_artist_share,
        {{ share_of('is_skip', 'is_after_skip') }} as skip_after_skip_share,
        {{ share_of('is_skip', 'not is_after_skip') }} as skip_after_play_share,
        {{ quantile('gap_hours', 0.25) }} as gap_between_sessions_hours_p25,
        {{ quantile('gap_hours', 0.75) }} as gap_between_sessions_hours_p75,
        {{ share_of('pause_ms > 180000', 'not is_session_start', 30) }}
            as pause_over_3_minutes_inside_session_share,
        {{ quantile('return_hours', 0.5) }} as return_hours_median,
        {{ share_of('return_hours < 24', at_least=30) }} as return_under_24h_share
    from plays
    group by user_key, window_days

),

habits as (

    select
        play_habits.*,
        session_habits.tracks_per_session_mean,
        session_habits.tracks_per_session_median,
        session_habits.single_track_session_share,
        cast(play_habits.active_day_count as double) / windows.day_count as active_day_share,
        cast(session_habits.session_count as double) / play_habits.active_day_count
            as sessions_per_active_day
    from play_habits
    inner join session_habits
        on
            play_habits.user_key = session_habits.user_key
            and play_habits.window_days = session_habits.window_days
    inner join windows
        on play_habits.window_days = windows.window_days

)

{{ statistic_rows('habits', [
    'active_day_share',
    'weekend_to_weekday_ratio',
    'stopped_under_5s_share',
    'stopped_under_10s_share',
    'stopped_under_30s_share',
    'next_same_track_share',
    'next_same_artist_share',
    'skip_after_skip_share',
    'skip_after_play_share',
    'tracks_per_session_mean',
    'tracks_per_session_median',
    'single_track_session_share',
    'sessions_per_active_day',
    'gap_between_sessions_hours_p25',
    'gap_between_sessions_hours_p75',
    'pause_over_3_minutes_inside_session_share',
    'return_hours_median',
    'return_under_24h_share',
]) }}
