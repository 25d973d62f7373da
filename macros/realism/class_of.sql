{% macro class_of(expression, starts) -%}
    case
        {%- for start in starts | reverse %}
        when {{ expression }} >= {{ start }} then {{ start }}
        {%- endfor %}
    end
{%- endmacro %}
