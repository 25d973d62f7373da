{% macro spark__file_format_clause() -%}
    using {{ var('spark_file_format') }}
{%- endmacro %}
