{#- Listeners who play less say too little about themselves. -#}
{%- set least_plays_per_day = 5 -%}
{#- Digits kept: averages and variances are sums of floats. -#}
{%- set digits = 6 -%}
{#- Effect, what each side of a dimension is, and the statistic that defines the dimension. -#}
{%- set effects = [
    ('familiar_effect', 'is_familiar', 'repeat_share'),
    ('loyal_effect', 'is_loyal', 'same_artist_share'),
    ('new_effect', 'is_new', 'mean_newness'),
    ('common_effect', 'is_common', 'mean_popularity'),
] -%}

with

users as (

    select * from {{ ref('int_realism_users') }}

),

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_sampled and window_days = 365

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

traits as (

    select * from {{ ref('stg_playback__user_traits') }}

),

choices as (

    select
        plays.user_key,
        {{ share_of('plays.hearing > 1') }} as repeat_share,
        {{ share_of('plays.artist_key = plays.previous_artist_key') }} as same_artist_share,
        avg(tracks.newness_score) as mean_newness,
        avg(tracks.popularity) as mean_popularity
    from plays
    inner join users
        on plays.user_key = users.user_key
    inner join tracks
        on plays.track_key = tracks.track_key
    where users.play_count >= {{ least_plays_per_day }} * users.day_count
    group by plays.user_key

),

effects as (

    {{ text_rows('statistic', effects | map('first')) }}

),

user_values as (

    select
        effects.statistic,
        case effects.statistic
            {% for statistic, trait, value in effects %}
                when '{{ statistic }}' then traits.{{ trait }}
            {% endfor %}
        end as has_trait,
        case effects.statistic
            {% for statistic, trait, value in effects %}
                when '{{ statistic }}' then choices.{{ value }}
            {% endfor %}
        end as user_value
    from choices
    inner join traits
        on choices.user_key = traits.user_key
    cross join effects

),

sides as (

    select
        statistic,
        count(*) filter (where has_trait) as with_count,
        count(*) filter (where not has_trait) as without_count,
        avg(user_value) filter (where has_trait) as with_mean,
        avg(user_value) filter (where not has_trait) as without_mean,
        var_samp(user_value) filter (where has_trait) as with_variance,
        var_samp(user_value) filter (where not has_trait) as without_variance
    from user_values
    group by statistic

),

{#- Cohen's d: the difference of the means over the pooled standard deviation. #}

effect_sizes as (

    select
        statistic,
        with_count + without_count as user_count,
        cast(with_count as double) * without_count as side_product,
        round(
            (with_mean - without_mean)
            / nullif(
                sqrt(
                    ((with_count - 1) * with_variance + (without_count - 1) * without_variance)
                    / (with_count + without_count - 2)
                ),
                0
            ),
            {{ digits }}
        ) as effect_size
    from sides
    where with_count > 1 and without_count > 1

),

{#- Its standard error: Hedges and Olkin, Statistical Methods for Meta-Analysis, 1985, 5.D. #}

final as (

    select
        statistic,
        user_count,
        effect_size,
        round(
            sqrt(user_count / side_product + effect_size * effect_size / (2 * user_count)),
            {{ digits }}
        ) as standard_error
    from effect_sizes

)

select * from final
