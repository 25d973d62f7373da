{% macro is_complete(listening_ms, duration_ms) -%}
    5 * {{ listening_ms }} >= 4 * {{ duration_ms }}
{%- endmacro %}
