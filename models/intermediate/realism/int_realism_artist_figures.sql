{#-
    Maximum likelihood (Clauset, Shalizi and Newman, "Power-law distributions in empirical data",
    SIAM Review 51, 2009): the exponent with the least a * mean(ln x) + ln(zeta(a, least x)), of
    all thousandths above 1 and up to 10.
-#}
{%- set least_degrees = [1, 10] -%}
{%- set steps_per_unit = 1000 -%}

with

artist_degrees as (

    select * from {{ ref('int_realism_artist_degrees') }}

),

artists as (

    select * from {{ ref('dim_artists') }}

),

numbers as (

    {{ dbt.generate_series(9 * steps_per_unit) }}

),

exponents as (

    select
        ({{ steps_per_unit }} + generated_number) / cast({{ steps_per_unit }} as double) as exponent
    from numbers

),

tails as (

    {% for least_degree in least_degrees %}
        select
            {{ least_degree }} as least_degree,
            avg(ln(listing_count)) as mean_log_degree
        from artist_degrees
        where listing_count >= {{ least_degree }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

likelihoods as (

    select
        tails.least_degree,
        exponents.exponent,
        exponents.exponent * tails.mean_log_degree
        + ln({{ hurwitz_zeta('exponents.exponent', 'tails.least_degree') }})
            as negative_log_likelihood
    from tails
    cross join exponents

),

likely_exponents as (

    select
        least_degree,
        min_by(exponent, negative_log_likelihood) as exponent
    from likelihoods
    group by least_degree

),

degree_figures as (

    select
        max(case when least_degree = {{ least_degrees[0] }} then exponent end) as exponent_low,
        max(case when least_degree = {{ least_degrees[1] }} then exponent end) as exponent_high
    from likely_exponents

),

{#- How plays concentrate, over all artists of the catalogue, played or not. #}

catalogue_size as (

    select
        greatest(1, count(*) / 100) as top_1pct,
        greatest(1, count(*) / 10) as top_10pct
    from artists

),

ranked_artists as (

    select
        artist_degrees.play_count,
        catalogue_size.top_1pct,
        catalogue_size.top_10pct,
        row_number() over (order by artist_degrees.play_count desc) as artist_rank
    from artist_degrees
    cross join catalogue_size

),

concentration_figures as (

    select
        cast(sum(case when artist_rank <= top_1pct then play_count end) as bigint)
            as top_1pct_count,
        cast(sum(case when artist_rank <= top_10pct then play_count end) as bigint)
            as top_10pct_count
    from ranked_artists

),

ranked_listed_artists as (

    select
        listing_count,
        listed_play_count,
        row_number() over (order by listed_play_count) as ascending_rank
    from artist_degrees
    where listing_count > 0

),

listed_artist_figures as (

    select
        count(*) as listed_artist_count,
        cast(sum(listing_count) as bigint) as listing_count,
        {{ gini('listed_play_count', 'ascending_rank') }} as artist_gini
    from ranked_listed_artists

),

final as (

    select
        concentration_figures.*,
        listed_artist_figures.*,
        degree_figures.*
    from concentration_figures
    cross join listed_artist_figures
    cross join degree_figures

)

select * from final
