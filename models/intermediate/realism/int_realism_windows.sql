with

calendar as (

    select
        cast(min(ended_at) as date) as starts_on,
        cast(max(ended_at) as date) as ends_on
    from {{ ref('stg_playback__user_events') }}

),

reference_windows as (

    select distinct window_days
    from {{ ref('reference_per_listener') }}

),

windows as (

    select
        reference_windows.window_days,
        calendar.starts_on as calendar_starts_on,
        {{ dbt.dateadd('day', '1 - reference_windows.window_days', 'calendar.ends_on') }}
            as full_window_starts_on,
        calendar.ends_on as window_ends_on
    from reference_windows
    cross join calendar
    where calendar.ends_on is not null

),

bounded_windows as (

    select
        window_days,
        cast(full_window_starts_on as date) >= calendar_starts_on as is_full,
        greatest(cast(full_window_starts_on as date), calendar_starts_on) as window_starts_on,
        window_ends_on
    from windows

),

final as (

    select
        window_days,
        {{ dbt.datediff('window_starts_on', 'window_ends_on', 'day') }}
        + 1 as day_count,
        is_full,
        window_starts_on
    from bounded_windows

)

select * from final
