-- depends_on: {{ ref('int_landed_months') }}
{{
    config(
        materialized='incremental',
        incremental_strategy=replacing_periods(),
        unique_key='played_month',
        partition_by='played_month',
        on_schema_change='fail'
    )
}}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

{% if is_incremental() %}

    landed_months as (

        select * from {{ ref('int_landed_months') }}

    ),

    standing_half_hours as (

        select * from {{ this }}

    ),

    stale_months as (

        {{ periods_that_differ('landed_months', 'standing_half_hours', 'played_month') }}

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
            max(standing.earlier_play_count + standing.play_count) as play_count,
            min(standing.session_month) as session_month,
            min(standing.started_at) as started_at,
            max(standing.ended_at) as ended_at
        from standing_half_hours as standing
        inner join first_stale_month
            on
                standing.ended_at < first_stale_month.starts_at
                and standing.ended_at
                >= {{ dbt.dateadd('day', -1, 'first_stale_month.starts_at') }}
        group by standing.user_key, standing.listening_session_id

    ),

{% endif %}

{#- Half hours in one month are in one half hour: the month is theirs, not each play's. #}

half_hours as (

    select
        user_key,
        min(event_id) as first_event_id,
        cast(count(*) as integer) as play_count,
        cast(count(*) filter (where is_skip) as integer) as skip_count,
        cast(count(*) filter (where is_complete) as integer) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        {{ first_of_month('half_hour_at') }} as played_month,
        half_hour_at,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from plays

    {%- if is_incremental() %}
        where ended_at >= (select first_stale_month.starts_at from first_stale_month)
    {%- endif %}

    group by user_key, half_hour_at

    {%- if is_incremental() %}
        union all
        select
            user_key,
            listening_session_id as first_event_id,
            play_count,
            0 as skip_count,
            0 as complete_count,
            0 as listening_ms,
            session_month as played_month,
            null as half_hour_at,
            started_at,
            ended_at
        from standing_sessions
    {%- endif %}

),

half_hours_and_their_previous as (

    select
        *,
        lag(ended_at) over listener as previous_ended_at,
        cast(sum(play_count) over (
            partition by user_key
            order by first_event_id
            rows between unbounded preceding and current row
        ) as integer) - play_count as earlier_play_count
    from half_hours
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
    from half_hours_and_their_previous

),

half_hours_in_sessions as (

    select
        {{ last_known('case when is_session_start then first_event_id end') }}
            over listener as listening_session_id,
        first_event_id,
        user_key,
        play_count,
        earlier_play_count - {{ last_known(
            'case when is_session_start then earlier_play_count end'
        ) }} over listener as earlier_play_count,
        skip_count,
        complete_count,
        listening_ms,
        {{ last_known('case when is_session_start then played_month end') }}
            over listener as session_month,
        played_month,
        half_hour_at,
        started_at,
        ended_at
    from session_starts
    window listener as (
        partition by user_key
        order by first_event_id
        rows between unbounded preceding and current row
    )

),

{#- Sessions that stand were there to go on from alone. #}

final as (

    select *
    from half_hours_in_sessions
    where half_hour_at is not null

)

select * from final
