{{
    config(
        materialized='incremental',
        incremental_strategy=replacing_months(),
        unique_key='session_month',
        partition_by='session_month',
        on_schema_change='fail'
    )
}}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

all_half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

{% if is_incremental() %}

    standing_sessions as (

        select * from {{ this }}

    ),

    stale_months as (

        {{ months_that_differ('all_half_hours', 'standing_sessions', 'session_month') }}

    ),

{% endif %}

half_hours as (

    select *
    from all_half_hours

    {%- if is_incremental() %}
        where session_month in (select stale_months.session_month from stale_months)
    {%- endif %}

),

{% if is_incremental() %}

    first_half_hour as (

        select min(half_hour_at) as starts_at
        from half_hours

    ),

{% endif %}

{#- Distinct tracks are counted apart: they alone need the single plays. #}

session_tracks as (

    select distinct
        half_hours.listening_session_id,
        plays.track_key
    from plays
    inner join half_hours
        on
            plays.user_key = half_hours.user_key
            and plays.half_hour_at = half_hours.half_hour_at

    {%- if is_incremental() %}
        where plays.ended_at >= (select first_half_hour.starts_at from first_half_hour)
    {%- endif %}

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
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(session_month) as session_month,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from half_hours
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
