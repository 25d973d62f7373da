{#- The activity of the listeners of the reference, its p10 to p90, in plays a day. -#}
{%- set like_plays_per_day = (18, 114) -%}

with

plays as (

    select * from {{ ref('int_realism_plays') }}

),

windows as (

    select * from {{ ref('int_realism_windows') }}

),

user_windows as (

    select
        plays.user_key,
        windows.window_days,
        windows.day_count,
        min(plays.user_position) as first_position
    from plays
    inner join windows
        on plays.ended_on >= windows.window_starts_on
    group by plays.user_key, windows.window_days, windows.day_count

),

{#- A play follows another one if that one is in the window too. 1970-01-05 was a Monday. #}

window_plays as (

    select
        user_windows.user_key,
        user_windows.window_days,
        user_windows.day_count,
        user_windows.first_position,
        plays.listening_ms,
        plays.ended_on,
        plays.is_skip,
        plays.is_same_track,
        plays.is_same_artist,
        plays.is_after_skip,
        plays.is_session_continued,
        plays.user_position > user_windows.first_position as is_follower,
        mod({{ dbt.datediff("cast('1970-01-05' as date)", 'plays.ended_on', 'day') }}, 7) >= 5
            as is_weekend
    from plays
    inner join user_windows
        on
            plays.user_key = user_windows.user_key
            and plays.user_position >= user_windows.first_position

),

counted as (

    select
        user_key,
        window_days,
        day_count,
        first_position,
        count(distinct ended_on) as active_day_count,
        count(*) as play_count,
        count(*) filter (where is_weekend) as weekend_count,
        count(*) filter (where listening_ms < 5000) as under_5s_count,
        count(*) filter (where listening_ms < 10000) as under_10s_count,
        count(*) filter (where is_skip) as skip_count,
        count(*) filter (where is_follower) as follower_count,
        count(*) filter (where is_follower and is_same_track) as same_track_count,
        count(*) filter (where is_follower and is_same_artist) as same_artist_count,
        count(*) filter (where is_follower and is_session_continued and is_after_skip)
            as after_skip_count,
        count(
            case when is_follower and is_session_continued and is_after_skip and is_skip then 1 end
        ) as skip_after_skip_count,
        count(*) filter (where is_follower and is_session_continued and not is_after_skip)
            as after_play_count,
        count(
            case
                when is_follower and is_session_continued and not is_after_skip and is_skip then 1
            end
        ) as skip_after_play_count
    from window_plays
    group by user_key, window_days, day_count, first_position

),

final as (

    select
        *,
        play_count >= {{ like_plays_per_day[0] }} * day_count
        and play_count <= {{ like_plays_per_day[1] }} * day_count as is_like_reference
    from counted

)

select * from final
