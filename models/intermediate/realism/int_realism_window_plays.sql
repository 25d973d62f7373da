with

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_matched

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

{#- What lies before the window is not known in it. #}

final as (

    select
        plays.user_key,
        user_windows.window_days,
        user_windows.day_count,
        plays.track_key,
        plays.artist_key,
        case
            when plays.user_position > user_windows.first_position
                then plays.previous_track_key
        end as previous_track_key,
        case
            when plays.user_position > user_windows.first_position
                then plays.previous_artist_key
        end as previous_artist_key,
        plays.session_first_position,
        plays.user_position - user_windows.first_position + 1 as window_position,
        plays.listening_ms,
        plays.is_skip,
        coalesce(plays.previous_track_position >= user_windows.first_position, false)
            as is_repeat,
        case
            when not plays.is_session_start and plays.user_position > user_windows.first_position
                then plays.is_previous_skip
        end as is_after_skip,
        plays.ended_on
    from plays
    inner join user_windows
        on
            plays.user_key = user_windows.user_key
            and plays.user_position >= user_windows.first_position

)

select * from final
