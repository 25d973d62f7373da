{% macro is_divided_month(month) -%}
    {%- set first, last = var('wrapped_first_month'), var('wrapped_last_month') -%}
    {%- set months = [(first - 2) % 12 + 1, first, last, last % 12 + 1] | unique | sort -%}
    extract(month from {{ month }}) in ({{ months | join(', ') }})
{%- endmacro %}
