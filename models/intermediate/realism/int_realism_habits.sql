with

plays as (

    select
        *,
        {#- 1970-01-05 was a Monday. #}
        mod({{ dbt.datediff("cast('1970-01-05' as date)", 'ended_on', 'day') }}, 7) >= 5
            as is_weekend
    from {{ ref('int_realism_window_plays') }}

),

habits as (

    select
        user_key,
        window_days,
        cast(count(distinct ended_on) as double) / max(day_count) as active_day_share,
        cast(5 * count(*) filter (where is_weekend) as double)
        / nullif(2 * count(*) filter (where not is_weekend), 0) as weekend_to_weekday_ratio,
        {{ share_of('listening_ms < 5000') }} as stopped_under_5s_share,
        {{ share_of('listening_ms < 10000') }} as stopped_under_10s_share,
        {{ share_of('is_skip') }} as stopped_under_30s_share,
        {{ share_of('track_key = previous_track_key') }} as next_same_track_share,
        {{ share_of('artist_key = previous_artist_key') }} as next_same_artist_share,
        {{ share_of('is_skip', 'is_after_skip') }} as skip_after_skip_share,
        {{ share_of('is_skip', 'not is_after_skip') }} as skip_after_play_share
    from plays
    group by user_key, window_days

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
]) }}
