{#- DuckDB deletes the rows of a period that is built again, Spark overwrites its files. -#}
{% macro built_by(period) -%}
    {{ config(
        materialized='incremental',
        incremental_strategy='insert_overwrite' if target.type == 'spark' else 'delete+insert',
        unique_key=period,
        partition_by=period,
        on_schema_change='fail'
    ) }}
{%- endmacro %}
