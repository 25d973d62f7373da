{% macro replacing_months() -%}
    {{ return(adapter.dispatch('replacing_months')()) }}
{%- endmacro %}

{% macro duckdb__replacing_months() -%}
    {{ return('delete+insert') }}
{%- endmacro %}

{% macro spark__replacing_months() -%}
    {{ return('insert_overwrite') }}
{%- endmacro %}
