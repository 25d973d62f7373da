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

distributions as (

    select
        *,
        sum(value_count) over (
            partition by quantity
            order by quantity_value
            rows between unbounded preceding and current row
        ) as cumulative_count,
        sum(value_count) over (partition by quantity) as total_count
    from {{ ref('int_realism_distributions') }}

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

{#- In the unit of the quantity; the rank of a quantile counts from 0. #}

points as (

    select
        reference_points.curve,
        reference_points.curve_point,
        curves.reading,
        curves.unit_size,
        distributions.quantity_value,
        distributions.value_count,
        distributions.skip_count,
        distributions.cumulative_count,
        distributions.total_count,
        cast(round(reference_points.curve_point * curves.unit_size) as bigint) as point_value,
        reference_points.curve_point / 100 * (distributions.total_count - 1) as quantile_rank
    from reference_points
    inner join curves
        on reference_points.curve = curves.curve
    inner join distributions
        on curves.quantity = distributions.quantity

),

readings as (

    select
        curve,
        curve_point,
        reading,
        unit_size,
        max(total_count) as total_count,
        sum(case when quantity_value <= point_value then value_count else 0 end) as up_to_count,
        sum(case when quantity_value = point_value then value_count else 0 end) as at_count,
        sum(case when quantity_value = point_value then skip_count else 0 end) as at_skip_count,
        max(quantile_rank - floor(quantile_rank)) as upper_weight,
        min(case when cumulative_count > quantile_rank then quantity_value end)
            as lower_value,
        min(case when cumulative_count > ceil(quantile_rank) then quantity_value end)
            as upper_value
    from points
    group by curve, curve_point, reading, unit_size

),

pooled as (

    select
        curve,
        curve_point,
        case reading
            when 'share_up_to' then cast(up_to_count as double) / total_count
            when 'share_at' then cast(at_count as double) / total_count
            when 'skip_share_at'
                then cast(at_skip_count as double) / nullif(at_count, 0)
            when 'share_beyond'
                then
                    cast(total_count - up_to_count as double)
                    / nullif(total_count - up_to_count + at_count, 0)
            when 'quantile'
                then
                    (
                        lower_value
                        + upper_weight * (upper_value - lower_value)
                    ) / unit_size
        end as curve_value
    from readings

),

skip_curves as (

    {% for curve, condition in skip_curves %}
        select
            '{{ curve }}' as curve,
            cast(class_start as double) as curve_point,
            round(avg(cast(skip_count as double) / play_count), {{ digits }}) as curve_value
        from {{ ref('int_realism_skip_classes') }}
        where
            condition_name = '{{ condition }}'
            and window_days = 365
            and play_count >= {{ least_plays }}
        group by class_start
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

curves_of_both as (

    select * from pooled
    union all
    select * from skip_curves

)

select * from curves_of_both
