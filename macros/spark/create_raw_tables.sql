{#
    What Python has landed as files, as the tables that the sources name. Locations are relative to
    that of the schema, which lies in `warehouse/` beside `raw/`.
#}
{% macro create_raw_tables() %}
    {{- return(adapter.dispatch('create_raw_tables')()) -}}
{% endmacro %}

{% macro duckdb__create_raw_tables() %}
{% endmacro %}

{% macro spark__create_raw_tables() %}
    {%- do run_query('create schema if not exists raw') -%}
    {%- for source in graph.sources.values() %}
        {%- do run_query('drop table if exists ' ~ source.relation_name) -%}
        {%- set columns = source.columns.values() -%}
        {%- call statement() %}
            create table {{ source.relation_name }} (
                {%- for column in columns %}
                {{ column.name }} {{ column.data_type }}{{ ',' if not loop.last }}
                {%- endfor %}
            )
            using parquet
            options (recursivefilelookup true)
            location '../../raw/{{ source.identifier }}'
        {%- endcall %}
    {%- endfor %}
{% endmacro %}
