{#-
    The score is where a listener stands among the others of the year once what the behaviour owes
    to the number of plays is taken out: by the straight line of least squares over the logarithm
    of the plays. Sums are of decimals, so that they do not depend on the order.
-#}
{%- set dimensions = ['familiarity', 'newness', 'loyalty', 'commonality'] -%}

with

user_year_totals as (

    select * from {{ ref('int_user_year_totals') }}

),

user_artist_stays as (

    select * from {{ ref('int_user_artist_stays') }}

),

stays as (

    select
        user_key,
        {{ wrapped_year_of('session_month') }} as wrapped_year,
        cast(sum(transition_count) as bigint) as transition_count,
        cast(sum(stay_count) as bigint) as stay_count
    from user_artist_stays
    group by user_key, {{ wrapped_year_of('session_month') }}

),

{#- Staying counts beyond the chance that two plays at random are of one artist. #}

chances as (

    select
        user_year_totals.*,
        coalesce(stays.transition_count, 0) as transition_count,
        coalesce(stays.stay_count, 0) as stay_count,
        cast(user_year_totals.same_artist_pair_count as double)
        / (user_year_totals.play_count * (user_year_totals.play_count - 1))
            as same_artist_chance
    from user_year_totals
    left join stays
        on
            user_year_totals.user_key = stays.user_key
            and user_year_totals.wrapped_year = stays.wrapped_year
    where user_year_totals.is_eligible

),

measured as (

    select
        user_key,
        wrapped_year,
        ln(cast(play_count as double)) as log_play_count,
        1 - cast(track_month_count as double) / play_count as familiarity,
        -mean_log_age as newness,
        (stay_count - transition_count * same_artist_chance)
        / ((transition_count + 1) * (1 - same_artist_chance)) as loyalty,
        mean_less_popular_share as commonality
    from chances

),

names as (

    {{ text_rows('dimension', dimensions) }}

),

behaviours as (

    select
        measured.user_key,
        names.dimension,
        measured.wrapped_year,
        cast(measured.log_play_count as decimal(18, 9)) as log_play_count,
        cast(
            case names.dimension
                {% for dimension in dimensions %}
                    when '{{ dimension }}' then measured.{{ dimension }}
                {% endfor %}
            end as decimal(18, 9)
        ) as behaviour
    from measured
    cross join names

),

known_behaviours as (

    select *
    from behaviours
    where behaviour is not null

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
    from known_behaviours
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
        known_behaviours.user_key,
        known_behaviours.dimension,
        known_behaviours.wrapped_year,
        known_behaviours.log_play_count,
        known_behaviours.behaviour,
        cast(
            known_behaviours.behaviour - slopes.slope * known_behaviours.log_play_count
            as decimal(18, 9)
        ) as adjusted_behaviour
    from known_behaviours
    inner join slopes
        on
            known_behaviours.dimension = slopes.dimension
            and known_behaviours.wrapped_year = slopes.wrapped_year

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
        log_play_count,
        behaviour,
        cast(adjusted_behaviour as double) as adjusted_behaviour,
        cast(listener_count + place_from_below - place_from_above as double)
        / (2 * listener_count) as score
    from places

)

select * from scores
