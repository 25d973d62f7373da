{% macro unstated_affinity() -%}
    0.1
{%- endmacro %}
