{% macro stale_months_of_plays() -%}
    landed_months as (

        select * from {{ ref('int_landed_months') }}

    ),

    standing_rows as (

        select * from {{ this }}

    ),

    stale_months as (

        {{ periods_that_differ('landed_months', 'standing_rows', 'played_month') }}

    ),
{%- endmacro %}
