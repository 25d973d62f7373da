{% macro number_text(expression) -%}
    {{ return(adapter.dispatch('number_text')(expression)) }}
{%- endmacro %}

{% macro duckdb__number_text(expression) -%}
    cast({{ expression }} as varchar)
{%- endmacro %}

{% macro spark__number_text(expression) -%}
    regexp_replace(cast(cast({{ expression }} as decimal(24, 6)) as string), r'(\.\d+?)0+$', '$1')
{%- endmacro %}
