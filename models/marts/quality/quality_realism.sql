{#- Of the reference's p10-p90, the simulated p10-p90 must cover this share. -#}
{%- set least_overlap = 0.5 -%}
{#-
    Between these two of n values in order lies the median of 95 of 100 populations: how many values
    lie under it is binomial, here as a normal distribution (Conover, Practical Nonparametric
    Statistics, 3.2).
-#}
{%- set low_rank = 'user_count / cast(2 as double) - 0.98 * sqrt(user_count)' -%}
{%- set high_rank = 'user_count / cast(2 as double) + 0.98 * sqrt(user_count) + 1' -%}
{#- Standard errors that 95 of 100 values lie within. -#}
{%- set errors = 1.96 -%}

with

windows as (

    select * from {{ ref('int_realism_windows') }}

),

reference_figures as (

    select
        reference.*,
        windows.window_days is not null as is_played,
        coalesce(windows.is_full, false) as is_full
    from {{ ref('int_realism_references') }} as reference
    left join windows
        on reference.window_days = windows.window_days

),

population as (

    select * from {{ ref('int_realism_population') }}

),

user_statistics as (

    select
        *,
        row_number() over (
            partition by statistic, window_days
            order by statistic_value
        ) as value_rank,
        count(*) over (partition by statistic, window_days) as user_count
    from {{ ref('int_realism_user_statistics') }}

),

user_quantiles as (

    select
        statistic,
        window_days,
        user_count,
        {{ quantile('statistic_value', 0.1) }} as simulated_p10,
        {{ quantile('statistic_value', 0.5) }} as simulated_p50,
        {{ quantile('statistic_value', 0.9) }} as simulated_p90,
        min(case when value_rank >= floor({{ low_rank }}) then statistic_value end)
            as sampling_low,
        max(case when value_rank <= ceil({{ high_rank }}) then statistic_value end)
            as sampling_high
    from user_statistics
    group by statistic, window_days, user_count

),

{#- Each reference figure with the simulated one, by kind of reference. #}

listener_statistics as (

    select
        reference.*,
        quantiles.user_count,
        quantiles.simulated_p10,
        quantiles.simulated_p50 as simulated_value,
        quantiles.simulated_p90,
        quantiles.sampling_low,
        quantiles.sampling_high
    from reference_figures as reference
    left join user_quantiles as quantiles
        on
            reference.statistic = quantiles.statistic
            and reference.window_days = quantiles.window_days
    where reference.reference_type = 'listener'

),

matched_population as (

    select cast(sum(user_count) as bigint) as user_count
    from population
    where statistic = 'matched_listeners'

),

curve_points as (

    select
        reference.*,
        matched_population.user_count,
        cast(null as double) as simulated_p10,
        curves.curve_value as simulated_value,
        cast(null as double) as simulated_p90,
        curves.curve_value - {{ errors }} * curves.standard_error as sampling_low,
        curves.curve_value + {{ errors }} * curves.standard_error as sampling_high
    from reference_figures as reference
    cross join matched_population
    left join {{ ref('int_realism_curves') }} as curves
        on
            reference.statistic = curves.curve
            and reference.curve_point = curves.curve_point
    where reference.reference_type = 'curve'

),

published_figures as (

    select
        reference.*,
        population.user_count,
        cast(null as double) as simulated_p10,
        population.figure as simulated_value,
        cast(null as double) as simulated_p90,
        population.figure - {{ errors }} * population.standard_error as sampling_low,
        population.figure + {{ errors }} * population.standard_error as sampling_high
    from reference_figures as reference
    left join population
        on reference.statistic = population.statistic
    where reference.reference_type = 'population'

),

trait_effects as (

    select
        reference.*,
        coalesce(effects.user_count, quantiles.user_count) as user_count,
        quantiles.simulated_p10,
        coalesce(effects.effect_size, quantiles.simulated_p50) as simulated_value,
        quantiles.simulated_p90,
        coalesce(
            effects.effect_size - {{ errors }} * effects.standard_error, quantiles.sampling_low
        ) as sampling_low,
        coalesce(
            effects.effect_size + {{ errors }} * effects.standard_error, quantiles.sampling_high
        ) as sampling_high
    from reference_figures as reference
    left join {{ ref('int_realism_trait_effects') }} as effects
        on reference.statistic = effects.statistic
    left join user_quantiles as quantiles
        on
            reference.statistic = quantiles.statistic
            and reference.window_days = quantiles.window_days
    where reference.reference_type = 'trait'

),

matched_listeners as (

    select
        reference.*,
        coalesce(population.user_count, 0) as user_count,
        cast(null as double) as simulated_p10,
        coalesce(population.figure, 0) as simulated_value,
        cast(null as double) as simulated_p90,
        cast(null as double) as sampling_low,
        cast(null as double) as sampling_high
    from reference_figures as reference
    left join population
        on
            reference.statistic = population.statistic
            and reference.activity_bin = population.activity_bin
    where reference.reference_type = 'activity'

),

statistics as (

    select * from listener_statistics
    union all
    select * from curve_points
    union all
    select * from published_figures
    union all
    select * from trait_effects
    union all
    select * from matched_listeners

),

{#- What nobody does in this world, such as liking, does not count against it. #}

compared as (

    select
        reference_type,
        statistic,
        definition,
        source,
        window_days,
        curve_point,
        user_count,
        simulated_p10,
        simulated_value,
        simulated_p90,
        sampling_low,
        sampling_high,
        reference_p10,
        case when coalesce(user_count, 1) > 0 then reference_low end as reference_low,
        reference_value,
        case when coalesce(user_count, 1) > 0 then reference_high end as reference_high,
        reference_p90,
        case
            when simulated_value is not null
                then
                    (
                        least(simulated_p90, reference_p90)
                        - greatest(simulated_p10, reference_p10)
                    ) / (reference_p90 - reference_p10)
        end as overlap_share,
        case when reference_type = 'population' then is_played else is_full end as is_judged
    from statistics

),

{#-
    The distance is in widths of the band from its nearest edge; a band without a width counts as
    its value. Where there is no share to cover, nothing is missing of it: nulls are no greatest.
#}

measured as (

    select
        *,
        coalesce(sampling_low, simulated_value) as least_value,
        coalesce(sampling_high, simulated_value) as greatest_value,
        greatest(reference_low - simulated_value, simulated_value - reference_high, 0)
        / coalesce(nullif(reference_high - reference_low, 0), nullif(abs(reference_value), 0), 1)
        + greatest({{ least_overlap }} - overlap_share, 0) as distance
    from compared

),

{#-
    Curves and published figures have a tolerance, which is narrower than what some are known to: so
    they are inside if what is simulated is, and undecided only beyond an edge.
#}

judged as (

    select
        *,
        case
            when reference_low is null then 'not comparable'
            when not is_judged then 'not enough days'
            when simulated_value is null then 'no value'
            when user_count < 2 then 'one listener'
            when overlap_share < {{ least_overlap }} then 'outside'
            when greatest_value < reference_low or least_value > reference_high then 'outside'
            when reference_type in ('curve', 'population') and distance = 0 then 'inside'
            when least_value < reference_low or greatest_value > reference_high then 'undecided'
            else 'inside'
        end as verdict
    from measured

),

final as (

    select
        reference_type,
        statistic,
        definition,
        source,
        verdict,
        window_days,
        curve_point,
        user_count,
        simulated_p10,
        simulated_value,
        simulated_p90,
        sampling_low,
        sampling_high,
        reference_p10,
        reference_low,
        reference_value,
        reference_high,
        reference_p90,
        overlap_share,
        case when verdict in ('inside', 'outside', 'undecided') then distance end as deviation,
        case
            when verdict = 'inside' then true
            when verdict = 'outside' then false
        end as is_inside
    from judged

)

select * from final
