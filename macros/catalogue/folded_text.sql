{#
    A text as names are compared: lower case, white space collapsed and trimmed, nothing as null.
#}
{% macro folded_text(expression) %}
    {{- return(adapter.dispatch('folded_text')(expression)) -}}
{% endmacro %}

{% macro duckdb__folded_text(expression) -%}
    nullif(lower(trim(regexp_replace({{ expression }}, '\s+', ' ', 'g'))), '')
{%- endmacro %}

{% macro spark__folded_text(expression) -%}
    nullif(lower(trim(regexp_replace({{ expression }}, r'[\t\n\f\r ]+', ' '))), '')
{%- endmacro %}
