{%- set families = [
    'habits', 'skips', 'sequences', 'days', 'diversity', 'turnover'
] -%}
{{ config(materialized='view') }}

with

statistics as (

    {% for family in families %}
        select * from {{ ref('int_realism_' ~ family) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from statistics
