{#
    dbt-spark's own leaves the columns without comments and, on Parquet files, every constraint
    unkept. So the table is created before it is filled, and rows are checked on their way in.
#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if temporary -%}
        {{ create_temporary_view(relation, constrained(compiled_code)) }}
    {%- else -%}
        {%- if model.config.contract and model.config.contract.enforced -%}
            {%- do get_assert_columns_equivalent(compiled_code) -%}
        {%- endif -%}
        {%- call statement('create_table') %}
            create table {{ relation }} (
                {%- for column in get_column_schema_from_query(compiled_code) %}
                {{ adapter.quote(column.name) }} {{ column.dtype }}
                {%- if column.name in model.columns %}
                comment '{{ dbt.escape_single_quotes(model.columns[column.name].description) }}'
                {%- endif %}
                {{- ',' if not loop.last }}
                {%- endfor %}
            )
            {{ file_format_clause() }}
            {{ partition_cols(label='partitioned by') }}
            {{ comment_clause() }}
        {%- endcall -%}
        insert into {{ relation }} by name
        {{ constrained(compiled_code) }}
    {%- endif -%}
{%- endmacro %}
