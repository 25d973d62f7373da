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
        {{ year_of('session_month') }} as wrapped_year,
        cast(sum(transition_count) as bigint) as transition_count,
        cast(sum(stay_count) as bigint) as stay_count
    from user_artist_stays
    where {{ is_in_wrapped_window('session_month') }}
    group by user_key, {{ year_of('session_month') }}

),

{#- The chance that two plays at random are of one artist is what staying is held against. #}

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

)

select * from behaviours
