{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='session_month',
        on_schema_change='fail'
    )
}}

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

sessions as (

    select
        listening_session_id,
        min(user_key) as user_key,
        count(*) as play_count,
        count(distinct track_key) as track_count,
        count(case when is_skip then 1 end) as skip_count,
        count(case when is_complete then 1 end) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(session_month) as session_month,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from plays

    {%- if is_incremental() %}
        where session_month in (select stale_months.session_month from stale_months)
    {%- endif %}

    group by listening_session_id

)

select * from sessions
