{#- dbt-spark's own escapes no quote, and writes a missing text as 'None'. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model.config.column_types -%}
    {%- set sql -%}
        insert into {{ this }} values
        {%- for row in agate_table.rows %}
        (
            {%- for column in agate_table.column_names -%}
            cast(
                {%- if row[column] is none -%} null
                {%- else -%} '{{ dbt.escape_single_quotes(row[column]) }}'
                {%- endif %} as {{ types[column] }})
            {{- ', ' if not loop.last }}
            {%- endfor -%}
        )
        {{- ',' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{% endmacro %}
