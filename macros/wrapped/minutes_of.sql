{% macro minutes_of(listening_ms) -%}
    cast(floor({{ listening_ms }} / 60000) as bigint)
{%- endmacro %}
