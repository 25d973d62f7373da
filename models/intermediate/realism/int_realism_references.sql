with

users as (

    select * from {{ ref('int_realism_users') }}

),

listener_statistics as (

    select
        'listener' as reference_type,
        statistic,
        definition,
        source,
        window_days,
        cast(null as integer) as activity_bin,
        cast(null as double) as curve_point,
        p10 as reference_p10,
        p25 as reference_low,
        p50 as reference_value,
        p75 as reference_high,
        p90 as reference_p90
    from {{ ref('reference_per_listener') }}

),

tolerated_curves as (

    select
        *,
        greatest(absolute_tolerance, relative_tolerance * reference_value) as tolerance
    from {{ ref('reference_curves') }}

),

{#- A share lies between 0 and 1, and so does its band. #}

curve_points as (

    select
        'curve' as reference_type,
        curve as statistic,
        definition,
        source,
        365 as window_days,
        cast(null as integer) as activity_bin,
        curve_point,
        cast(null as double) as reference_p10,
        greatest(0, reference_value - tolerance) as reference_low,
        reference_value,
        least(
            case when curve not like '%quantile' then 1 end, reference_value + tolerance
        ) as reference_high,
        cast(null as double) as reference_p90
    from tolerated_curves

),

published_figures as (

    select
        'population' as reference_type,
        statistic,
        unit || ', ' || scope as definition,
        source,
        365 as window_days,
        cast(null as integer) as activity_bin,
        cast(null as double) as curve_point,
        cast(null as double) as reference_p10,
        lowest as reference_low,
        published_value as reference_value,
        highest as reference_high,
        cast(null as double) as reference_p90
    from {{ ref('reference_published') }}

),

trait_effects as (

    select
        'trait' as reference_type,
        statistic,
        definition,
        source,
        365 as window_days,
        cast(null as integer) as activity_bin,
        cast(null as double) as curve_point,
        cast(null as double) as reference_p10,
        lowest as reference_low,
        lowest as reference_value,
        cast(null as double) as reference_high,
        cast(null as double) as reference_p90
    from {{ ref('reference_traits') }}

),

wanted as (

    select coalesce(max(wanted_count), 0) as user_count
    from users

),

matched_listeners as (

    select
        'activity' as reference_type,
        'matched_listeners' as statistic,
        'listeners matched, of as many as wanted, from so many plays a day on' as definition,
        activity.source,
        365 as window_days,
        activity.activity_bin,
        activity.plays_per_day_low as curve_point,
        cast(null as double) as reference_p10,
        cast(null as double) as reference_low,
        cast(wanted.user_count as double) as reference_value,
        cast(null as double) as reference_high,
        cast(null as double) as reference_p90
    from {{ ref('reference_activity') }} as activity
    cross join wanted

),

unioned as (

    select * from listener_statistics
    union all
    select * from curve_points
    union all
    select * from published_figures
    union all
    select * from trait_effects
    union all
    select * from matched_listeners

)

select * from unioned
