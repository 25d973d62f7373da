-- depends_on: {{ ref('int_user_artist_days') }}
{{
    config(
        materialized='incremental',
        incremental_strategy=replacing_periods(),
        unique_key='wrapped_year',
        partition_by='wrapped_year',
        on_schema_change='fail'
    )
}}

with

user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

divided_month_plays as (

    select * from {{ ref('int_divided_month_plays') }}

),

{% if is_incremental() %}

    {#- The same plays, by their local year: they say which years have to be built again. #}

    user_artist_days as (

        select *
        from {{ ref('int_user_artist_days') }}
        where {{ is_in_wrapped_window('played_on') }}

    ),

    standing_years as (

        select * from {{ this }}

    ),

    stale_years as (

        {{ periods_that_differ('user_artist_days', 'standing_years', 'wrapped_year') }}

    ),

{% endif %}

whole_months as (

    select
        user_key,
        track_key,
        {{ year_of('played_month') }} as wrapped_year,
        1 as month_count,
        play_count,
        listen_count,
        skip_count,
        complete_count,
        listening_ms,
        first_played_at
    from user_track_months
    where {{ is_whole_month('played_month') }}

),

divided_months as (

    select
        user_key,
        track_key,
        wrapped_year,
        1 as month_count,
        cast(count(*) as integer) as play_count,
        cast(count(*) filter (where is_listen) as integer) as listen_count,
        cast(count(*) filter (where is_skip) as integer) as skip_count,
        cast(count(*) filter (where is_complete) as integer) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(started_at) as first_played_at
    from divided_month_plays
    group by user_key, track_key, wrapped_year, played_month

),

counted as (

    select * from whole_months
    union all
    select * from divided_months

),

user_track_years as (

    select
        user_key,
        track_key,
        wrapped_year,
        cast(sum(month_count) as bigint) as month_count,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listen_count) as bigint) as listen_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(first_played_at) as first_played_at
    from counted

    {%- if is_incremental() %}
        where wrapped_year in (select stale_years.wrapped_year from stale_years)
    {%- endif %}

    group by user_key, track_key, wrapped_year

)

select * from user_track_years
