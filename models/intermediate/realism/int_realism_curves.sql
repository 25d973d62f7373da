{#-
    Curve, the quantity it is read from, how, and how many of the quantity's unit make one of the
    curve's. `share_up_to`: share of values up to the point. `share_at`: share of values at it.
    `skip_share_at`: share of skips at it. `share_beyond`: share of the values from the point on
    that lie beyond it. `quantile`: value at that percentile, linear between two of them.
-#}
{%- set curves = [
    ('cumulative_stop_by_second', 'listened_seconds', 'share_up_to', 1),
    ('cumulative_stop_by_played_ratio', 'listened_percent', 'share_up_to', 100),
    ('repeat_within_lag_share', 'repeat_lag', 'share_up_to', 1),
    ('day_of_week_share', 'day_of_week', 'share_at', 1),
    ('hour_of_day_share', 'turned_hour', 'share_at', 1),
    ('skip_share_by_session_position', 'session_position', 'skip_share_at', 1),
    ('session_continue_share', 'session_plays', 'share_beyond', 1),
    ('session_tracks_quantile', 'session_plays', 'quantile', 1),
    ('gap_within_session_seconds_quantile', 'pause_within_session_ms', 'quantile', 1000),
] -%}
{#- Curve, and the condition of skips that it is of: a mean over listeners with enough plays. -#}
{%- set skip_curves = [
    ('skip_by_hearing', 'hearing'),
    ('skip_by_artist_rank', 'artist_rank'),
    ('skip_by_hours_since_heard', 'hours_since_heard'),
    ('skip_by_session_position', 'session_position'),
    ('skip_by_skips_in_a_row_before', 'skips_before'),
] -%}
{%- set least_plays, digits = 30, 6 -%}

with

reference_points as (

    select * from {{ ref('reference_curves') }}

),

user_distributions as (

    select * from {{ ref('int_realism_distributions') }}

),

curves as (

    {% for curve, quantity, reading, unit_size in curves %}
        select
            '{{ curve }}' as curve,
            '{{ quantity }}' as quantity,
            '{{ reading }}' as reading,
            {{ unit_size }} as unit_size
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

{#- In the unit of the quantity. #}

points as (

    select
        reference_points.curve,
        reference_points.curve_point,
        curves.quantity,
        curves.reading,
        curves.unit_size,
        cast(round(reference_points.curve_point * curves.unit_size) as bigint) as point_value
    from reference_points
    inner join curves
        on reference_points.curve = curves.curve

),

{#- A share is of what all listeners have; how much of it each one has says how sure it is. #}

user_values as (

    select
        points.curve,
        points.curve_point,
        points.reading,
        points.point_value,
        user_distributions.user_key,
        user_distributions.quantity_value,
        user_distributions.value_count,
        user_distributions.skip_count
    from points
    inner join user_distributions
        on points.quantity = user_distributions.quantity
    where points.reading <> 'quantile'

),

user_counts as (

    select
        curve,
        curve_point,
        reading,
        user_key,
        sum(value_count) as total_count,
        sum(case when quantity_value < point_value then value_count else 0 end) as below_count,
        sum(case when quantity_value = point_value then value_count else 0 end) as at_count,
        sum(case when quantity_value = point_value then skip_count else 0 end) as at_skip_count
    from user_values
    group by curve, curve_point, reading, user_key

),

user_parts as (

    select
        curve,
        curve_point,
        cast(
            case reading
                when 'share_up_to' then below_count + at_count
                when 'share_at' then at_count
                when 'skip_share_at' then at_skip_count
                when 'share_beyond' then total_count - below_count - at_count
            end as bigint
        ) as part_count,
        cast(
            case reading
                when 'skip_share_at' then at_count
                when 'share_beyond' then total_count - below_count
                else total_count
            end as bigint
        ) as whole_count
    from user_counts

),

shares as (

    select
        curve,
        curve_point,
        {{ pooled_share('part_count', 'whole_count') }} as curve_value,
        {{ pooled_share_error('part_count', 'whole_count') }} as standard_error
    from user_parts
    group by curve, curve_point

),

distributions as (

    select
        quantity,
        quantity_value,
        sum(sum(value_count)) over (
            partition by quantity
            order by quantity_value
            rows between unbounded preceding and current row
        ) as cumulative_count,
        sum(sum(value_count)) over (partition by quantity) as total_count
    from user_distributions
    group by quantity, quantity_value

),

{#- The rank of a quantile counts from 0. #}

ranks as (

    select
        points.curve,
        points.curve_point,
        points.quantity,
        points.unit_size,
        distributions.quantity_value,
        distributions.cumulative_count,
        points.curve_point / 100 * (distributions.total_count - 1) as quantile_rank
    from points
    inner join distributions
        on points.quantity = distributions.quantity
    where points.reading = 'quantile'

),

neighbours as (

    select
        curve,
        curve_point,
        quantity,
        unit_size,
        max(quantile_rank - floor(quantile_rank)) as upper_weight,
        min(case when cumulative_count > quantile_rank then quantity_value end)
            as lower_value,
        min(case when cumulative_count > ceil(quantile_rank) then quantity_value end)
            as upper_value
    from ranks
    group by curve, curve_point, quantity, unit_size

),

{#-
    A quantile is as sure as the share of values up to it: Woodruff, Journal of the American
    Statistical Association 47, 1952.
#}

user_values_beside_quantiles as (

    select
        neighbours.curve,
        neighbours.curve_point,
        user_distributions.user_key,
        user_distributions.value_count,
        user_distributions.quantity_value <= neighbours.lower_value as is_up_to_quantile
    from neighbours
    inner join user_distributions
        on neighbours.quantity = user_distributions.quantity

),

user_parts_up_to_quantiles as (

    select
        curve,
        curve_point,
        cast(sum(case when is_up_to_quantile then value_count else 0 end) as bigint)
            as part_count,
        cast(sum(value_count) as bigint) as whole_count
    from user_values_beside_quantiles
    group by curve, curve_point, user_key

),

share_errors as (

    select
        curve,
        curve_point,
        sum(whole_count) * {{ pooled_share_error('part_count', 'whole_count') }} as rank_error
    from user_parts_up_to_quantiles
    group by curve, curve_point

),

ranks_around as (

    select
        ranks.curve,
        ranks.curve_point,
        ranks.quantity_value,
        ranks.cumulative_count,
        ranks.quantile_rank - share_errors.rank_error as low_rank,
        ranks.quantile_rank + share_errors.rank_error as high_rank
    from ranks
    inner join share_errors
        on
            ranks.curve = share_errors.curve
            and ranks.curve_point = share_errors.curve_point
    where share_errors.rank_error is not null

),

values_around as (

    select
        curve,
        curve_point,
        min(case when cumulative_count > low_rank then quantity_value end) as low_value,
        coalesce(
            min(case when cumulative_count > high_rank then quantity_value end),
            max(quantity_value)
        ) as high_value
    from ranks_around
    group by curve, curve_point

),

quantiles as (

    select
        neighbours.curve,
        neighbours.curve_point,
        (
            neighbours.lower_value
            + neighbours.upper_weight * (neighbours.upper_value - neighbours.lower_value)
        ) / neighbours.unit_size as curve_value,
        (values_around.high_value - values_around.low_value)
        / cast(2 * neighbours.unit_size as double) as standard_error
    from neighbours
    left join values_around
        on
            neighbours.curve = values_around.curve
            and neighbours.curve_point = values_around.curve_point

),

skip_curves as (

    {% for curve, condition in skip_curves %}
        select
            '{{ curve }}' as curve,
            cast(class_start as double) as curve_point,
            round(avg(cast(skip_count as double) / play_count), {{ digits }}) as curve_value,
            round(
                stddev_samp(cast(skip_count as double) / play_count)
                / sqrt(count(*)),
                {{ digits }}
            ) as standard_error
        from {{ ref('int_realism_skip_classes') }}
        where
            condition_name = '{{ condition }}'
            and window_days = 365
            and play_count >= {{ least_plays }}
        group by class_start
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

curves_of_all as (

    select * from shares
    union all
    select * from quantiles
    union all
    select * from skip_curves

)

select * from curves_of_all
