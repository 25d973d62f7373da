{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='session_month',
        on_schema_change='fail'
    )
}}

{%- set where_session_month_is_stale -%}
    {%- if is_incremental() %}
    where session_month in (select stale_months.session_month from stale_months)
    {%- endif -%}
{%- endset -%}

with

plays as (

    select * from {{ ref('fct_plays') }}

),

{% if is_incremental() %}

    months_of_plays as (

        {{ months_of_plays('plays', 'session_month') }}

    ),

    standing_sessions as (

        select * from {{ this }}

    ),

    stale_months as (

        {{ months_that_differ('months_of_plays', 'standing_sessions', 'session_month') }}

    ),

{% endif %}

{#- Distinct tracks are counted apart: DuckDB does it faster than beside other sums. #}

session_tracks as (

    select distinct
        listening_session_id,
        track_key
    from plays
    {{- where_session_month_is_stale }}

),

track_counts as (

    select
        listening_session_id,
        count(*) as track_count
    from session_tracks
    group by listening_session_id

),

session_sums as (

    select
        listening_session_id,
        min(user_key) as user_key,
        count(*) as play_count,
        count(case when is_skip then 1 end) as skip_count,
        count(case when is_complete then 1 end) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(session_month) as session_month,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from plays
    {{- where_session_month_is_stale }}
    group by listening_session_id

),

sessions as (

    select
        session_sums.listening_session_id,
        session_sums.user_key,
        session_sums.play_count,
        track_counts.track_count,
        session_sums.skip_count,
        session_sums.complete_count,
        session_sums.listening_ms,
        session_sums.session_month,
        session_sums.started_at,
        session_sums.ended_at
    from session_sums
    inner join track_counts
        on session_sums.listening_session_id = track_counts.listening_session_id

)

select * from sessions
