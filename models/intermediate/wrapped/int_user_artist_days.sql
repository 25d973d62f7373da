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

artist_days as (

    select
        user_key,
        artist_key,
        cast(count(*) as integer) as play_count,
        cast(count(*) filter (where is_listen) as integer) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        played_month,
        cast(local_started_at as date) as played_on
    from plays

    {%- if is_incremental() %}
        where {{ is_in_stale_month() }}
    {%- endif %}

    group by user_key, artist_key, played_month, cast(local_started_at as date)

),

final as (

    select
        user_key,
        artist_key,
        {{ year_of('played_on') }} as wrapped_year,
        play_count,
        listen_count,
        listening_ms,
        played_month,
        played_on
    from artist_days

)

select * from final
