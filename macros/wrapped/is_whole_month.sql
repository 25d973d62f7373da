{% macro is_whole_month(month) -%}
    extract(month from {{ month }}) > {{ var('wrapped_first_month') }}
    and extract(month from {{ month }}) < {{ var('wrapped_last_month') }}
{%- endmacro %}
