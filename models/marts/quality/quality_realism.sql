{#- Of the reference's p10-p90, the simulated p10-p90 must cover this share. -#}
{%- set least_overlap = 0.5 -%}
{#- A point of a curve may miss by this share of itself, or by this much. -#}
{%- set relative_tolerance, absolute_tolerance = 0.10, 0.01 -%}

with

windows as (

    select * from {{ ref('int_realism_windows') }}

),

user_statistics as (

    select * from {{ ref('int_realism_user_statistics') }}

),

curves as (

    select * from {{ ref('int_realism_curves') }}

),

population as (

    select * from {{ ref('int_realism_population') }}

),

reference_per_listener as (

    select * from {{ ref('reference_per_listener') }}

),

reference_published as (

    select * from {{ ref('reference_published') }}

),

user_quantiles as (

    select
        statistic,
        window_days,
        count(*) as user_count,
        {{ quantile('statistic_value', 0.1) }} as simulated_p10,
        {{ quantile('statistic_value', 0.5) }} as simulated_p50,
        {{ quantile('statistic_value', 0.9) }} as simulated_p90
    from user_statistics
    group by statistic, window_days

),

listener_statistics as (

    select
        'listener' as reference_type,
        reference.statistic,
        reference.definition,
        reference.source,
        reference.window_days,
        cast(null as double) as curve_point,
        quantiles.user_count,
        quantiles.simulated_p10,
        quantiles.simulated_p50 as simulated_value,
        quantiles.simulated_p90,
        reference.p10 as reference_p10,
        reference.p25 as reference_low,
        reference.p50 as reference_value,
        reference.p75 as reference_high,
        reference.p90 as reference_p90,
        case
            when quantiles.simulated_p50 is not null
                then
                    (
                        least(quantiles.simulated_p90, reference.p90)
                        - greatest(quantiles.simulated_p10, reference.p10)
                    ) / (reference.p90 - reference.p10)
        end as overlap_share,
        coalesce(windows.is_full, false) as is_judged
    from reference_per_listener as reference
    left join windows
        on reference.window_days = windows.window_days
    left join user_quantiles as quantiles
        on
            reference.statistic = quantiles.statistic
            and reference.window_days = quantiles.window_days

),

curve_points as (

    select
        'curve' as reference_type,
        curves.curve as statistic,
        curves.definition,
        curves.source,
        365 as window_days,
        curves.curve_point,
        cast(null as bigint) as user_count,
        cast(null as double) as simulated_p10,
        curves.curve_value as simulated_value,
        cast(null as double) as simulated_p90,
        cast(null as double) as reference_p10,
        curves.reference_value - greatest(
            {{ absolute_tolerance }}, {{ relative_tolerance }} * abs(curves.reference_value)
        ) as reference_low,
        curves.reference_value,
        curves.reference_value + greatest(
            {{ absolute_tolerance }}, {{ relative_tolerance }} * abs(curves.reference_value)
        ) as reference_high,
        cast(null as double) as reference_p90,
        cast(null as double) as overlap_share,
        coalesce(windows.is_full, false) as is_judged
    from curves
    left join windows
        on windows.window_days = 365

),

published_figures as (

    select
        'population' as reference_type,
        reference.statistic,
        reference.unit || ', ' || reference.scope as definition,
        reference.source,
        365 as window_days,
        cast(null as double) as curve_point,
        population.user_count,
        cast(null as double) as simulated_p10,
        population.figure as simulated_value,
        cast(null as double) as simulated_p90,
        cast(null as double) as reference_p10,
        reference.lowest as reference_low,
        reference.published_value as reference_value,
        reference.highest as reference_high,
        cast(null as double) as reference_p90,
        cast(null as double) as overlap_share,
        windows.window_days is not null and reference.lowest is not null as is_judged
    from reference_published as reference
    left join windows
        on windows.window_days = 365
    left join population
        on reference.statistic = population.statistic

),

statistics as (

    select * from listener_statistics
    union all
    select * from curve_points
    union all
    select * from published_figures

),

judged as (

    select
        *,
        case
            when is_judged
                then coalesce(
                    simulated_value between reference_low and reference_high
                    and coalesce(overlap_share, 1) >= {{ least_overlap }},
                    false
                )
        end as is_inside,
        {#-
            Widths of the band from its nearest edge; a band without a width counts as its value.
            Where there is no share to cover, nothing is missing of it: nulls are no greatest.
        #}
        greatest(reference_low - simulated_value, simulated_value - reference_high, 0)
        / coalesce(nullif(reference_high - reference_low, 0), nullif(abs(reference_value), 0), 1)
        + greatest({{ least_overlap }} - overlap_share, 0) as distance
    from statistics

),

final as (

    select
        reference_type,
        statistic,
        definition,
        source,
        case
            when reference_low is null then 'not comparable'
            when not is_judged then 'not enough days'
            when simulated_value is null then 'no value'
            when is_inside then 'inside'
            else 'outside'
        end as verdict,
        window_days,
        curve_point,
        user_count,
        simulated_p10,
        simulated_value,
        simulated_p90,
        reference_p10,
        reference_low,
        reference_value,
        reference_high,
        reference_p90,
        overlap_share,
        case when is_judged and simulated_value is not null then distance end as deviation,
        is_inside
    from judged

)

select * from final
