{% macro text_rows(column_name, texts) -%}
    {%- for text in texts %}
    select '{{ text }}' as {{ column_name }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
