{#- Histories of the reference cover at least this much of the year they were taken from. -#}
{%- set least_days, year_days = 150, 365 -%}

with

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

year_window as (

    select *
    from {{ ref('int_realism_windows') }}
    where window_days = {{ year_days }}

),

activity_bins as (

    select * from {{ ref('reference_activity') }}

),

counted as (

    select
        half_hours.user_key,
        year_window.day_count,
        cast(sum(half_hours.play_count) as bigint) as play_count,
        min(cast(half_hours.ended_at as date)) as first_played_on,
        max(cast(half_hours.ended_at as date)) as last_played_on
    from half_hours
    inner join year_window
        on cast(half_hours.ended_at as date) >= year_window.window_starts_on
    group by half_hours.user_key, year_window.day_count

),

spans as (

    select
        *,
        {{ dbt.datediff('first_played_on', 'last_played_on', 'day') }}
        + 1 as history_day_count
    from counted

),

{#- In a younger feed, the same part of what there is. #}

final as (

    select
        spans.user_key,
        spans.day_count,
        spans.play_count,
        activity_bins.activity_bin
    from spans
    left join activity_bins
        on
            spans.play_count >= activity_bins.plays_per_day_low * spans.history_day_count
            and spans.play_count < activity_bins.plays_per_day_high * spans.history_day_count
            and spans.history_day_count * {{ year_days }} >= {{ least_days }} * spans.day_count

)

select * from final
