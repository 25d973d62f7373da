{#-
    The histories of the reference have the end of a play to the minute, and no order inside one.
    So plays are cut alike: what was heard longest comes first, and a play starts its length before
    its minute.
-#}
{%- set session_break_ms = 1800000 -%}
{%- set year_days = 365 -%}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

users as (

    select * from {{ ref('int_realism_users') }}

),

windows as (

    select * from {{ ref('int_realism_windows') }}

),

user_windows as (

    select
        users.user_key,
        users.is_sampled,
        users.is_matched,
        windows.window_days,
        windows.window_starts_on,
        windows.window_ends_on
    from users
    cross join windows
    where users.is_matched or (users.is_sampled and windows.window_days = {{ year_days }})

),

measured as (

    select
        plays.event_id,
        user_windows.user_key,
        user_windows.window_days,
        user_windows.is_sampled,
        user_windows.is_matched,
        plays.track_key,
        plays.artist_key,
        plays.listening_ms,
        plays.duration_ms,
        {{ is_under_30s('plays.listening_ms') }} as is_skip,
        {{ dbt.datediff("cast('1970-01-01' as timestamp)", 'plays.ended_at', 'minute') }}
            as ended_minute,
        cast(plays.ended_at as date) as ended_on
    from plays
    inner join user_windows
        on
            plays.user_key = user_windows.user_key
            and plays.ended_at >= user_windows.window_starts_on
            and plays.ended_at < {{ dbt.dateadd('day', 1, 'user_windows.window_ends_on') }}

),

in_order as (

    select
        *,
        row_number() over listener as user_position,
        lag(track_key) over listener as previous_track_key,
        lag(artist_key) over listener as previous_artist_key,
        60000 * (ended_minute - lag(ended_minute) over listener) - listening_ms as pause_ms
    from measured
    window listener as (
        partition by user_key, window_days
        order by ended_minute asc, listening_ms desc, event_id asc
    )

),

with_session_starts as (

    select
        *,
        coalesce(pause_ms > {{ session_break_ms }}, true) as is_session_start
    from in_order

),

in_sessions as (

    select
        *,
        {{ last_known('case when is_session_start then user_position end') }}
            over (
                partition by user_key, window_days
                order by user_position
                rows between unbounded preceding and current row
            )
            as session_first_position,
        {{ last_known('case when not is_skip then user_position end') }}
            over (
                partition by user_key, window_days
                order by user_position
                rows between unbounded preceding and 1 preceding
            )
            as last_full_position
    from with_session_starts

),

beside_track as (

    select
        *,
        row_number() over track as hearing,
        lag(user_position) over track as previous_hearing_position,
        ended_minute - lag(ended_minute) over track as minutes_since_heard,
        lag(is_skip) over track as is_last_hearing_skip
    from in_sessions
    window track as (
        partition by user_key, window_days, track_key
        order by user_position
    )

),

beside_artist as (

    select
        *,
        case when lag(track_key) over artist <> track_key then lag(is_skip) over artist end
            as is_artists_last_other_skip
    from beside_track
    window artist as (
        partition by user_key, window_days, artist_key
        order by user_position
    )

),

final as (

    select
        user_key,
        window_days,
        track_key,
        artist_key,
        previous_track_key,
        previous_artist_key,
        user_position,
        session_first_position,
        previous_hearing_position,
        hearing,
        user_position - session_first_position + 1 as session_position,
        user_position
        - greatest(coalesce(last_full_position + 1, 1), session_first_position) as skips_before,
        ended_minute,
        minutes_since_heard,
        pause_ms,
        listening_ms,
        duration_ms,
        is_skip,
        is_session_start,
        is_last_hearing_skip,
        is_artists_last_other_skip,
        is_sampled,
        is_matched,
        ended_on
    from beside_artist

)

select * from final
