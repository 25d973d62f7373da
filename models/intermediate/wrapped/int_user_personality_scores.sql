{#-
    The score is where a listener stands among the others of the year once what the behaviour owes
    to the number of plays is taken out: by the straight line of least squares over the logarithm
    of the plays. Sums are of decimals, so that they do not depend on the order.
-#}

with

user_behaviours as (

    select * from {{ ref('int_user_behaviours') }}

),

sums as (

    select
        dimension,
        wrapped_year,
        cast(count(*) as double) as listener_count,
        cast(sum(log_play_count) as double) as sum_x,
        cast(sum(behaviour) as double) as sum_y,
        cast(sum(cast(log_play_count * log_play_count as decimal(18, 9))) as double) as sum_xx,
        cast(sum(cast(log_play_count * behaviour as decimal(18, 9))) as double) as sum_xy,
        min(log_play_count) as least_x,
        max(log_play_count) as most_x
    from user_behaviours
    group by dimension, wrapped_year

),

slopes as (

    select
        dimension,
        wrapped_year,
        case
            when least_x < most_x
                then
                    (listener_count * sum_xy - sum_x * sum_y)
                    / (listener_count * sum_xx - sum_x * sum_x)
            else 0
        end as slope
    from sums

),

residuals as (

    select
        user_behaviours.user_key,
        user_behaviours.dimension,
        user_behaviours.wrapped_year,
        cast(
            user_behaviours.behaviour - slopes.slope * user_behaviours.log_play_count
            as decimal(18, 9)
        ) as adjusted_behaviour
    from user_behaviours
    inner join slopes
        on
            user_behaviours.dimension = slopes.dimension
            and user_behaviours.wrapped_year = slopes.wrapped_year

),

places as (

    select
        *,
        count(*) over (partition by dimension, wrapped_year) as listener_count,
        rank() over (
            partition by dimension, wrapped_year
            order by adjusted_behaviour
        ) as place_from_below,
        rank() over (
            partition by dimension, wrapped_year
            order by adjusted_behaviour desc
        ) as place_from_above
    from residuals

),

{#- Those below, and half of those at one place with the listener. #}

scores as (

    select
        user_key,
        dimension,
        wrapped_year,
        cast(adjusted_behaviour as double) as adjusted_behaviour,
        cast(listener_count + place_from_below - place_from_above as double)
        / (2 * listener_count) as score
    from places

)

select * from scores
