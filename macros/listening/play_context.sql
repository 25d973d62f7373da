{% macro play_context(code) -%}
    {{ part_of_code(code, 1, 8, [
        "'album'", "'playlist'", "'library'", "'artist'", "'radio'", "'chart'", "'search'"
    ]) }}
{%- endmacro %}
