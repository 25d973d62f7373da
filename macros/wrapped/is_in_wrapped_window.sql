{% macro is_in_wrapped_window(date_or_timestamp) -%}
    extract(month from {{ date_or_timestamp }})
    between {{ var('wrapped_first_month') }} and {{ var('wrapped_last_month') }}
{%- endmacro %}
