{#- Counting what is not null takes two thirds of the time of summing up zeros and ones. -#}
{% macro count_of(condition, known) -%}
    cast(
        case when count({{ known }}) > 0 then count(nullif({{ condition }}, false)) end
        as integer
    )
{%- endmacro %}
