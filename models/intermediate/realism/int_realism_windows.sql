{{ config(materialized='view') }}
{#-
    Where a year before it has been played as well, the windows end with the last whole month: so they
    move once a month and not every day. A view, to be asked before a build whether they have moved.
-#}
{%- set year_days = 365 -%}

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

played as (

    select
        starts_on,
        ends_on,
        {{ dbt.dateadd('day', 1, 'ends_on') }} as ends_before
    from calendar
    where ends_on is not null

),

whole_months as (

    select
        starts_on,
        ends_on,
        {{ first_of_month('ends_before') }} as whole_months_before
    from played

),

ends as (

    select
        starts_on,
        case
            when
                {{ dbt.datediff('starts_on', 'whole_months_before', 'day') }}
                >= {{ year_days }}
                then cast({{ dbt.dateadd('day', -1, 'whole_months_before') }} as date)
            else ends_on
        end as window_ends_on
    from whole_months

),

windows as (

    select
        reference_windows.window_days,
        ends.starts_on as calendar_starts_on,
        {{ dbt.dateadd('day', '1 - reference_windows.window_days', 'ends.window_ends_on') }}
            as full_window_starts_on,
        ends.window_ends_on
    from reference_windows
    cross join ends

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
        window_starts_on,
        window_ends_on
    from bounded_windows

)

select * from final
