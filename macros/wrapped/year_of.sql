{% macro year_of(date_or_timestamp) -%}
    cast(extract(year from {{ date_or_timestamp }}) as integer)
{%- endmacro %}
