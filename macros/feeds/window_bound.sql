{% macro window_bound(end) -%}
    {{ return(adapter.dispatch('window_bound')(end)) }}
{%- endmacro %}

{% macro duckdb__window_bound(end) -%}
    cast(getvariable('window_{{ end }}') as date)
{%- endmacro %}

{#- Nothing is exported from a lake: its feeds are whole. #}
{% macro spark__window_bound(end) -%}
    cast(null as date)
{%- endmacro %}
