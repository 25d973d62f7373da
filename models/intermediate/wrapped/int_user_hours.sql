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

    select * from {{ ref('int_plays_in_local_time') }}

),

{% if is_incremental() %}

    {{ stale_months_of_plays() }}

{% endif %}

user_hours as (

    select
        user_key,
        cast(extract(hour from local_started_at) as integer) as local_hour,
        cast(count(*) as integer) as play_count,
        cast(count(*) filter (where is_listen) as integer) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        {{ first_of_month('local_started_at') }} as local_month,
        played_month
    from plays

    {%- if is_incremental() %}
        where {{ is_in_stale_month() }}
    {%- endif %}

    group by
        user_key,
        extract(hour from local_started_at),
        {{ first_of_month('local_started_at') }},
        played_month

)

select * from user_hours
