{{ config(materialized='view') }}

with

users as (

    select * from {{ ref('stg_playback__users') }}

),

timezone_periods as (

    select * from {{ ref('stg_playback__timezone_periods') }}

),

{#- A play may begin on the day before the first. #}

calendar as (

    select
        {{ dbt.dateadd('day', -1, 'min(window_starts_on)') }} as starts_at,
        {{ dbt.dateadd('day', 1, 'max(window_ends_on)') }} as ends_at
    from {{ ref('stg_playback__simulation_batches') }}

),

{#- Those of a zone that the calendar lies in, so that few have to be tried for a play. #}

user_clocks as (

    select
        users.user_key,
        timezone_periods.utc_offset_minutes,
        timezone_periods.starts_at,
        timezone_periods.ends_at
    from users
    inner join timezone_periods
        on users.timezone = timezone_periods.timezone
    cross join calendar
    where
        timezone_periods.starts_at < calendar.ends_at
        and timezone_periods.ends_at > calendar.starts_at

),

final as (

    select
        user_key,
        utc_offset_minutes,
        coalesce(
            lag(utc_offset_minutes) over (partition by user_key order by starts_at),
            utc_offset_minutes
        ) as earlier_utc_offset_minutes,
        starts_at,
        ends_at
    from user_clocks

)

select * from final
