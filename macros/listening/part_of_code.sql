{#-
    Case by case, as joins with the seeds would cost every query on the plays, whether it asks for
    contexts or not.
-#}
{% macro part_of_code(code, unit, size, values) -%}
    case {{ code }} & {{ unit * (size - 1) }}
        {%- for value in values %}
        when {{ unit * loop.index }} then {{ value }}
        {%- endfor %}
    end
{%- endmacro %}
