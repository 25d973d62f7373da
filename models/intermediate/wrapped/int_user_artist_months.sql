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

user_artist_days as (

    select *
    from {{ ref('int_user_artist_days') }}
    where {{ is_in_wrapped_window('played_on') }}

),

{% if is_incremental() %}

    standing_months as (

        select * from {{ this }}

    ),

    stale_years as (

        {{ periods_that_differ('user_artist_days', 'standing_months', 'wrapped_year') }}

    ),

{% endif %}

user_artist_months as (

    select
        user_key,
        artist_key,
        wrapped_year,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listen_count) as bigint) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        {{ first_of_month('played_on') }} as local_month
    from user_artist_days

    {%- if is_incremental() %}
        where wrapped_year in (select stale_years.wrapped_year from stale_years)
    {%- endif %}

    group by user_key, artist_key, wrapped_year, {{ first_of_month('played_on') }}

)

select * from user_artist_months
