{#-
    Maximum likelihood (Clauset, Shalizi and Newman, "Power-law distributions in empirical data",
    SIAM Review 51, 2009): the exponent with the least a * mean(ln x) + ln(zeta(a, least x)), of
    those from 1.01 to 10 in steps of a thousandth.
-#}
{%- set least_degrees = [1, 10] -%}
{%- set steps_per_unit = 1000 -%}

with

artist_degrees as (

    select * from {{ ref('int_realism_artist_degrees') }}

),

numbers as (

    {{ dbt.generate_series(9 * steps_per_unit) }}

),

exponents as (

    select
        ({{ steps_per_unit }} + generated_number) / cast({{ steps_per_unit }} as double) as exponent
    from numbers
    where generated_number >= {{ steps_per_unit }} / 100

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
    where tails.mean_log_degree is not null

),

ranked_exponents as (

    select
        least_degree,
        exponent,
        row_number() over (
            partition by least_degree
            order by negative_log_likelihood, exponent
        ) as likelihood_rank
    from likelihoods

),

final as (

    select
        least_degree,
        exponent
    from ranked_exponents
    where likelihood_rank = 1

)

select * from final
