{{ config(materialized='view') }}

with

plays as (

    select * from {{ ref('fct_plays') }}

),

user_timezone_periods as (

    select * from {{ ref('int_user_timezone_periods') }}

),

plays_in_local_time as (

    select
        plays.event_id,
        plays.user_key,
        plays.track_key,
        plays.local_hour,
        plays.listening_ms,
        plays.is_skip,
        plays.is_complete,
        plays.started_at,
        {{ dbt.dateadd(
            'minute', 'user_timezone_periods.utc_offset_minutes', 'plays.started_at'
        ) }} as local_started_at
    from plays
    inner join user_timezone_periods
        on
            plays.user_key = user_timezone_periods.user_key
            and plays.started_at >= user_timezone_periods.starts_at
            and plays.started_at < user_timezone_periods.ends_at
    where {{ is_divided_month('plays.played_month') }}

),

final as (

    select
        event_id,
        user_key,
        track_key,
        {{ year_of('local_started_at') }} as wrapped_year,
        local_hour,
        listening_ms,
        is_skip,
        is_complete,
        started_at
    from plays_in_local_time
    where {{ is_in_wrapped_window('local_started_at') }}

)

select * from final
