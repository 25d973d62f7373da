{% macro is_skip(listening_ms, duration_ms) -%}
    {{ is_under_30s(listening_ms) }}
    and not coalesce({{ is_complete(listening_ms, duration_ms) }}, false)
{%- endmacro %}
