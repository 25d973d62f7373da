{#- dbt-spark's own leaves alone the backslash that its quotes are escaped with. -#}
{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace('\\', '\\\\') | replace("'", "\\'") }}
{%- endmacro %}
