{{ config(materialized='view') }}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

user_timezone_periods as (

    select * from {{ ref('int_user_timezone_periods') }}

),

final as (

    select
        plays.*,
        {{ milliseconds_later(
            'plays.started_at', '60000 * user_timezone_periods.utc_offset_minutes'
        ) }} as local_started_at
    from plays
    inner join user_timezone_periods
        on
            plays.user_key = user_timezone_periods.user_key
            and plays.started_at >= user_timezone_periods.starts_at
            and plays.started_at < user_timezone_periods.ends_at

)

select * from final
