{#
    The schema exactly as configured: marts live in `main`, so that `select * from fct_plays`
    works as it is; everything else in the schema of its layer.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
