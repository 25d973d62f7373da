{% macro is_listen(listening_ms) -%}
    {{ listening_ms }} > 30000
{%- endmacro %}
