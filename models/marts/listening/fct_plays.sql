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

    standing_sessions as (

        select
            standing.user_key,
            standing.listening_session_id,
            max(standing.session_position) as play_count,
            min(standing.session_month) as session_month,
            min(standing.started_at) as started_at,
            max(standing.ended_at) as ended_at
        from {{ this }} as standing
        inner join first_stale_month
            on
                standing.ended_at < first_stale_month.starts_at
                and standing.ended_at
                >= {{ dbt.dateadd('day', -1, 'first_stale_month.starts_at') }}
        group by standing.user_key, standing.listening_session_id

    ),

{% endif %}

plays as (

    select
        event_id,
        user_key,
        track_key,
        listening_ms,
        {{ half_hour_of('ended_at') }} as half_hour_at,
        {{ dbt.dateadd('millisecond', '-listening_ms', 'ended_at') }} as started_at,
        ended_at
    from user_events

    {%- if is_incremental() %}
        where ended_at >= (select first_stale_month.starts_at from first_stale_month)
    {%- endif %}

),

{#-
    Plays that end in one half hour cannot be more than 30 minutes apart, so that a session is a run
    of whole blocks: a listener's half hours, after the sessions that stand. There are five times
    fewer of them than plays to sort, and the plays keep the order in which they landed.
#}

blocks as (

    select
        user_key,
        min(event_id) as first_event_id,
        count(*) as play_count,
        {{ first_of_month('half_hour_at') }} as block_month,
        half_hour_at,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from plays
    group by user_key, half_hour_at

    {%- if is_incremental() %}
        union all
        select
            user_key,
            listening_session_id as first_event_id,
            play_count,
            session_month as block_month,
            null as half_hour_at,
            started_at,
            ended_at
        from standing_sessions
    {%- endif %}

),

blocks_and_their_previous as (

    select
        *,
        lag(ended_at) over listener as previous_ended_at,
        cast(sum(play_count) over (
            partition by user_key
            order by first_event_id
            rows between unbounded preceding and current row
        ) as bigint) - play_count as earlier_play_count
    from blocks
    window listener as (
        partition by user_key
        order by first_event_id
    )

),

session_starts as (

    select
        *,
        previous_ended_at is null
        or started_at > {{ dbt.dateadd('minute', 30, 'previous_ended_at') }} as is_session_start
    from blocks_and_their_previous

),

blocks_in_sessions as (

    select
        user_key,
        first_event_id,
        {{ last_known('case when is_session_start then first_event_id end') }}
            over listener as listening_session_id,
        earlier_play_count - {{ last_known(
            'case when is_session_start then earlier_play_count end'
        ) }} over listener as earlier_play_count,
        {{ last_known('case when is_session_start then block_month end') }}
            over listener as session_month,
        block_month as played_month,
        half_hour_at
    from session_starts
    window listener as (
        partition by user_key
        order by first_event_id
        rows between unbounded preceding and current row
    )

),

{#-
    Event ids of a listener are consecutive within a day (UTC), hence within a half hour. Sessions
    that stand have no half hour; leaving them out also tells the engine which side is the smaller.
#}

plays_in_sessions as (

    select
        plays.event_id,
        blocks.listening_session_id,
        plays.user_key,
        plays.track_key,
        cast(
            plays.event_id - blocks.first_event_id + blocks.earlier_play_count + 1 as integer
        ) as session_position,
        plays.listening_ms,
        blocks.session_month,
        blocks.played_month,
        plays.started_at,
        plays.ended_at
    from plays
    inner join blocks_in_sessions as blocks
        on
            plays.user_key = blocks.user_key
            and plays.half_hour_at = blocks.half_hour_at
    where blocks.half_hour_at is not null

),

final as (

    select
        plays.event_id,
        plays.listening_session_id,
        plays.user_key,
        plays.track_key,
        tracks.artist_key,
        plays.session_position,
        cast(
            extract(hour from {{ dbt.dateadd(
                'minute', 'user_timezone_periods.utc_offset_minutes', 'plays.started_at'
            ) }}) as integer
        ) as local_hour,
        plays.listening_ms,
        tracks.duration_ms,
        {{ completion_ratio('plays.listening_ms', 'tracks.duration_ms') }}
            as completion_ratio,
        plays.listening_ms < 30000 as is_skip,
        5 * plays.listening_ms >= 4 * tracks.duration_ms as is_complete,
        plays.session_month,
        plays.played_month,
        plays.started_at,
        plays.ended_at
    from plays_in_sessions as plays
    inner join tracks
        on plays.track_key = tracks.track_key
    inner join user_timezone_periods
        on
            plays.user_key = user_timezone_periods.user_key
            and plays.started_at >= user_timezone_periods.starts_at
            and plays.started_at < user_timezone_periods.ends_at

)

select * from final
