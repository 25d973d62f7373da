-- depends_on: {{ ref('int_landed_months') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='played_month',
        on_schema_change='fail'
    )
}}

with

user_events as (

    select * from {{ ref('stg_playback__user_events') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

user_timezone_periods as (

    select * from {{ ref('int_user_timezone_periods') }}

),

{% if is_incremental() %}

    landed_months as (

        select * from {{ ref('int_landed_months') }}

    ),

    standing_months as (

        {{ months_of_plays(this, 'played_month') }}

    ),

    stale_months as (

        {{ months_that_differ('landed_months', 'standing_months', 'played_month') }}

    ),

    {#- A session may run on into any later month, so all that follow the first are built again. #}

    first_stale_month as (

        select cast(min(played_month) as timestamp) as starts_at
        from stale_months

    ),

    {#- A day covers the longest track and the longest pause inside a session. #}

    standing_plays as (

        select standing.*
        from {{ this }} as standing
        inner join first_stale_month
            on
                standing.ended_at < first_stale_month.starts_at
                and standing.ended_at
                >= {{ dbt.dateadd('day', -1, 'first_stale_month.starts_at') }}

    ),

    last_standing_plays as (

        select max(event_id) as event_id
        from standing_plays
        group by user_key

    ),

{% endif %}

{#- `own_` is the session that a play is in if it opens one; those that stand keep theirs. #}

plays as (

    select
        event_id,
        user_key,
        track_key,
        event_id as own_session_id,
        1 as own_session_position,
        listening_ms,
        true as is_landed,
        {{ first_of_month('ended_at') }} as own_session_month,
        {{ dbt.dateadd('millisecond', '-listening_ms', 'ended_at') }} as started_at,
        ended_at
    from user_events

    {%- if is_incremental() %}
        where ended_at >= (select first_stale_month.starts_at from first_stale_month)
        union all
        select
            standing_plays.event_id,
            standing_plays.user_key,
            standing_plays.track_key,
            standing_plays.listening_session_id as own_session_id,
            standing_plays.session_position as own_session_position,
            standing_plays.listening_ms,
            false as is_landed,
            standing_plays.session_month as own_session_month,
            standing_plays.started_at,
            standing_plays.ended_at
        from standing_plays
        inner join last_standing_plays
            on standing_plays.event_id = last_standing_plays.event_id
    {%- endif %}

),

plays_and_their_previous as (

    select
        *,
        row_number() over listener as user_position,
        lag(ended_at) over listener as previous_ended_at
    from plays
    window listener as (
        partition by user_key
        order by event_id
    )

),

session_starts as (

    select
        *,
        previous_ended_at is null
        or started_at > {{ dbt.dateadd('minute', 30, 'previous_ended_at') }} as is_session_start
    from plays_and_their_previous

),

plays_in_sessions as (

    select
        event_id,
        {{ last_known('case when is_session_start then own_session_id end') }}
            over listener as listening_session_id,
        user_key,
        track_key,
        user_position - {{ last_known(
            'case when is_session_start then user_position - own_session_position end'
        ) }} over listener as session_position,
        listening_ms,
        is_landed,
        {{ last_known('case when is_session_start then own_session_month end') }}
            over listener as session_month,
        started_at,
        ended_at
    from session_starts
    window listener as (
        partition by user_key
        order by event_id
        rows between unbounded preceding and current row
    )

),

plays_in_local_time as (

    select
        plays_in_sessions.*,
        {{ dbt.dateadd(
            'minute', 'user_timezone_periods.utc_offset_minutes', 'plays_in_sessions.started_at'
        ) }} as local_started_at
    from plays_in_sessions
    inner join user_timezone_periods
        on
            plays_in_sessions.user_key = user_timezone_periods.user_key
            and plays_in_sessions.started_at >= user_timezone_periods.starts_at
            and plays_in_sessions.started_at < user_timezone_periods.ends_at
    where plays_in_sessions.is_landed

),

final as (

    select
        plays.event_id,
        plays.listening_session_id,
        plays.user_key,
        plays.track_key,
        tracks.artist_key,
        cast(plays.session_position as integer) as session_position,
        cast(extract(hour from plays.local_started_at) as integer) as local_hour,
        plays.listening_ms,
        tracks.duration_ms,
        least(cast(plays.listening_ms as double) / tracks.duration_ms, 1) as completion_ratio,
        plays.listening_ms < 30000 as is_skip,
        5 * plays.listening_ms >= 4 * tracks.duration_ms as is_complete,
        plays.session_month,
        {{ first_of_month('plays.ended_at') }} as played_month,
        plays.started_at,
        plays.ended_at
    from plays_in_local_time as plays
    inner join tracks
        on plays.track_key = tracks.track_key

)

select * from final
