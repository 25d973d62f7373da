{% macro is_listen(listening_ms, duration_ms) -%}
    {{ listening_ms }} > 30000 or {{ is_complete(listening_ms, duration_ms) }}
{%- endmacro %}
