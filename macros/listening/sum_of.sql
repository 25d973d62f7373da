{#-
    DuckDB adds integers up in 128 bits where it does not know their bounds, at twice the cost. Doubles
    hold them exactly up to 2 ** 53, which is 285,000 years in milliseconds.
-#}
{% macro sum_of(amount) -%}
    cast(sum(cast({{ amount }} as double)) as bigint)
{%- endmacro %}
