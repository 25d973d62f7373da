{% macro is_skip(listening_ms, duration_ms) -%}
    {{ is_under_30s(listening_ms) }} and not ({{ is_complete(listening_ms, duration_ms) }})
{%- endmacro %}
