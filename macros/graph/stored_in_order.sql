{% macro stored_in_order(columns) -%}
    {{ return(adapter.dispatch('stored_in_order')(columns)) }}
{%- endmacro %}

{% macro default__stored_in_order(columns) -%}
    order by {{ columns }}
{%- endmacro %}

{#- Its tables are many files in no order: to sort them all would be lost on whoever reads them. #}
{% macro spark__stored_in_order(columns) -%}
{%- endmacro %}
