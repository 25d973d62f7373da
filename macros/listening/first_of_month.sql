{% macro first_of_month(date_or_timestamp) -%}
    cast({{ dbt.date_trunc('month', date_or_timestamp) }} as date)
{%- endmacro %}
