{#-
    A session may run on into any later month, so all months from the first that differs are built
    again. What stands before them lends the sessions that are still open: a day covers the longest
    track and the longest pause inside a session.
-#}

{{ built_by('played_month') }}

{%- set landed_months = ref('int_landed_months') %}
{%- if is_incremental() %}
    {%- set months = periods_to_build(landed_months, 'played_month') %}
    {%- set first_moment = 'cast(' ~ (months[0] if months else 'null') ~ ' as timestamp)' %}
{%- endif %}

with

plays as (

    select *
    from {{ ref('int_plays_measured') }}

    {%- if is_incremental() %}
        where ended_at >= {{ first_moment }}
    {%- endif %}

),

{% if is_incremental() %}

    open_sessions as (

        select
            listening_session_id as first_event_id,
            user_key,
            max(earlier_play_count + play_count) as play_count,
            0 as skip_count,
            0 as complete_count,
            0 as listening_ms,
            min(session_month) as played_month,
            cast(null as timestamp) as half_hour_at,
            min(started_at) as started_at,
            max(ended_at) as ended_at
        from {{ this }}
        where
            ended_at < {{ first_moment }}
            and ended_at >= {{ dbt.dateadd('day', -1, first_moment) }}
        group by user_key, listening_session_id

    ),

{% endif %}

{#- Half hours in one month are in one half hour: the month is theirs, not each play's. #}

half_hours as (

    select
        min(event_id) as first_event_id,
        user_key,
        cast(count(*) as integer) as play_count,
        {{ count_of('is_skip', known='listening_ms') }} as skip_count,
        {{ count_of('is_complete', known='is_complete') }} as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        {{ first_of_month('half_hour_at') }} as played_month,
        half_hour_at,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from plays
    group by user_key, half_hour_at

    {%- if is_incremental() %}
        union all
        select * from open_sessions
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

{#- The open sessions were there to go on from alone. #}

final as (

    select *
    from half_hours_in_sessions
    where half_hour_at is not null

)

select * from final
