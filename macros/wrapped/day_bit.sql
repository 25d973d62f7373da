{% macro day_bit(day_of_month) -%}
    {{ return(adapter.dispatch('day_bit')(day_of_month)) }}
{%- endmacro %}

{% macro duckdb__day_bit(day_of_month) -%}
    (cast(1 as integer) << cast({{ day_of_month }} - 1 as integer))
{%- endmacro %}

{% macro spark__day_bit(day_of_month) -%}
    shiftleft(1, {{ day_of_month }} - 1)
{%- endmacro %}
