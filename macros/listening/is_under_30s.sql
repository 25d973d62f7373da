{% macro is_under_30s(listening_ms) -%}
    {{ listening_ms }} < 30000
{%- endmacro %}
