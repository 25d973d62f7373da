with

timezone_periods as (

    select * from {{ ref('stg_playback__timezone_periods') }}

),

periods_and_their_next as (

    select
        timezone,
        utc_offset_minutes,
        ends_at,
        lead(utc_offset_minutes) over (
            partition by timezone
            order by starts_at
        ) as next_utc_offset_minutes,
        lead(starts_at) over (
            partition by timezone
            order by starts_at
        ) as next_starts_at
    from timezone_periods

),

faulty as (

    select *
    from periods_and_their_next
    where
        ends_at <> next_starts_at
        or utc_offset_minutes = next_utc_offset_minutes

)

select * from faulty
