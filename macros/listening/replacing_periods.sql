{% macro replacing_periods() -%}
    {{ return(adapter.dispatch('replacing_periods')()) }}
{%- endmacro %}

{% macro duckdb__replacing_periods() -%}
    {{ return('delete+insert') }}
{%- endmacro %}

{% macro spark__replacing_periods() -%}
    {{ return('insert_overwrite') }}
{%- endmacro %}
