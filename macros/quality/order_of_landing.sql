{% macro order_of_landing() -%}
    {{ return(adapter.dispatch('order_of_landing')()) }}
{%- endmacro %}

{#- Rows come as they lie in the table. #}
{% macro duckdb__order_of_landing() -%}
{%- endmacro %}

{#- Files are read in no order. #}
{% macro spark__order_of_landing() -%}
    partition by user_key order by event_id
{%- endmacro %}
