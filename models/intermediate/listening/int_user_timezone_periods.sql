{#
    Found by looking at the offset at the start of each day, then at every half hour of the days
    on which it changes (Lord Howe Island changes its clocks at half past the hour, UTC).
#}
{%- set far_past = "cast('0001-01-01 00:00:00' as timestamp)" -%}
{%- set far_future = "cast('9999-12-31 00:00:00' as timestamp)" -%}

with

users as (

    select * from {{ ref('stg_playback__users') }}

),

timezones as (

    select distinct timezone
    from users

),

feed as (

    select
        min(window_starts_on) as first_on,
        max(window_ends_on) as last_on
    from {{ ref('stg_playback__simulation_batches') }}

),

numbers as (

    {{ dbt.generate_series(36525) }}

),

{#- From the day before, when the first play may have begun, to the day after the last. #}

days as (

    select
        {{ dbt.dateadd('day', 'numbers.generated_number - 2', 'feed.first_on') }}
            as starts_at
    from numbers
    cross join feed
    where
        {{ dbt.dateadd('day', 'numbers.generated_number - 3', 'feed.first_on') }}
        <= feed.last_on

),

timezone_days as (

    select
        timezones.timezone,
        days.starts_at
    from timezones
    cross join days

),

daily_offsets as (

    select
        timezone,
        {{ utc_offset_minutes('starts_at', 'timezone') }}
            as utc_offset_minutes,
        starts_at
    from timezone_days

),

days_and_their_next as (

    select
        timezone,
        utc_offset_minutes,
        starts_at,
        lead(utc_offset_minutes) over (
            partition by timezone
            order by starts_at
        ) as next_utc_offset_minutes
    from daily_offsets

),

changing_days as (

    select
        timezone,
        starts_at
    from days_and_their_next
    where utc_offset_minutes <> next_utc_offset_minutes

),

half_hours_of_change as (

    select
        changing_days.timezone,
        {{ dbt.dateadd('minute', '30 * numbers.generated_number', 'changing_days.starts_at') }}
            as starts_at
    from changing_days
    inner join numbers
        on numbers.generated_number <= 47

),

offsets as (

    select
        timezone,
        utc_offset_minutes,
        starts_at
    from daily_offsets
    union all
    select
        timezone,
        {{ utc_offset_minutes('starts_at', 'timezone') }}
            as utc_offset_minutes,
        starts_at
    from half_hours_of_change

),

offsets_and_their_previous as (

    select
        timezone,
        utc_offset_minutes,
        starts_at,
        lag(utc_offset_minutes) over (
            partition by timezone
            order by starts_at
        ) as previous_utc_offset_minutes
    from offsets

),

changes as (

    select
        timezone,
        utc_offset_minutes,
        case
            when previous_utc_offset_minutes is null then {{ far_past }}
            else starts_at
        end as starts_at
    from offsets_and_their_previous
    where
        previous_utc_offset_minutes is null
        or previous_utc_offset_minutes <> utc_offset_minutes

),

timezone_periods as (

    select
        timezone,
        utc_offset_minutes,
        starts_at,
        lead(starts_at, 1, {{ far_future }}) over (
            partition by timezone
            order by starts_at
        ) as ends_at
    from changes

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
