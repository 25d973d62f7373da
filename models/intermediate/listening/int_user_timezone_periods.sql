with

users as (

    select * from {{ ref('stg_playback__users') }}

),

timezone_periods as (

    select * from {{ ref('int_timezone_periods') }}

),

user_timezone_periods as (

    select
        users.user_key,
        timezone_periods.utc_offset_minutes,
        timezone_periods.starts_at,
        timezone_periods.ends_at
    from users
    inner join timezone_periods
        on users.timezone = timezone_periods.timezone

)

select * from user_timezone_periods
