with

users as (

    select * from {{ ref('stg_playback__users') }}

),

timezone_periods as (

    select * from {{ ref('stg_playback__timezone_periods') }}

),

{#- A play may begin on the day before the first. #}

feed as (

    select
        {{ dbt.dateadd('day', -1, 'min(window_starts_on)') }} as starts_at,
        {{ dbt.dateadd('day', 1, 'max(window_ends_on)') }} as ends_at
    from {{ ref('stg_playback__simulation_batches') }}

),

final as (

    select
        users.user_key,
        timezone_periods.utc_offset_minutes,
        timezone_periods.starts_at,
        timezone_periods.ends_at
    from users
    inner join timezone_periods
        on users.timezone = timezone_periods.timezone
    cross join feed
    where
        timezone_periods.starts_at < feed.ends_at
        and timezone_periods.ends_at > feed.starts_at

)

select * from final
