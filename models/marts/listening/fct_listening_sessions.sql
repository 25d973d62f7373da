{{
    config(
        materialized='incremental',
        incremental_strategy=replacing_periods(),
        unique_key='session_month',
        partition_by='session_month',
        on_schema_change='fail'
    )
}}

with

all_half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

{% if is_incremental() %}

    standing_sessions as (

        select * from {{ this }}

    ),

    stale_months as (

        {{ periods_that_differ('all_half_hours', 'standing_sessions', 'session_month') }}

    ),

{% endif %}

half_hours as (

    select *
    from all_half_hours

    {%- if is_incremental() %}
        where session_month in (select stale_months.session_month from stale_months)
    {%- endif %}

),

sessions as (

    select
        listening_session_id,
        min(user_key) as user_key,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(session_month) as session_month,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from half_hours
    group by listening_session_id

)

select * from sessions
