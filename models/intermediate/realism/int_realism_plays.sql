{#-
    The histories of the reference have the end of a play to the minute, and no order inside one.
    So plays are cut alike: what was heard longest comes first, and a play starts its length before
    its minute.
-#}
{%- set session_break_ms = 1800000 -%}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

users as (

    select * from {{ ref('int_realism_users') }}

),

measured_days as (

    select min(window_starts_on) as starts_on
    from {{ ref('int_realism_windows') }}

),

measured as (

    select
        event_id,
        user_key,
        track_key,
        artist_key,
        listening_ms,
        duration_ms,
        {{ is_under_30s('listening_ms') }} as is_skip,
        {{ dbt.datediff("cast('1970-01-01' as timestamp)", 'ended_at', 'minute') }}
            as ended_minute,
        cast(ended_at as date) as ended_on
    from plays
    where
        user_key in (select users.user_key from users)
        and ended_at >= (select measured_days.starts_on from measured_days)

),

in_order as (

    select
        *,
        row_number() over listener as user_position,
        lag(track_key) over listener as previous_track_key,
        lag(artist_key) over listener as previous_artist_key,
        lag(is_skip) over listener as is_previous_skip,
        60000 * (ended_minute - lag(ended_minute) over listener) - listening_ms as pause_ms
    from measured
    window listener as (
        partition by user_key
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
                partition by user_key
                order by user_position
                rows between unbounded preceding and current row
            )
            as session_first_position
    from with_session_starts

),

final as (

    select
        in_sessions.user_key,
        in_sessions.track_key,
        in_sessions.artist_key,
        in_sessions.previous_track_key,
        in_sessions.previous_artist_key,
        in_sessions.user_position,
        in_sessions.session_first_position,
        lag(in_sessions.user_position) over (
            partition by in_sessions.user_key, in_sessions.track_key
            order by in_sessions.user_position
        ) as previous_track_position,
        in_sessions.ended_minute,
        in_sessions.pause_ms,
        in_sessions.listening_ms,
        in_sessions.duration_ms,
        in_sessions.is_skip,
        in_sessions.is_previous_skip,
        in_sessions.is_session_start,
        users.is_sampled,
        users.is_matched,
        in_sessions.ended_on
    from in_sessions
    inner join users
        on in_sessions.user_key = users.user_key

)

select * from final
