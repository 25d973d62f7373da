{#- In literals: DuckDB skips what they rule out, and would work out the month of every play. -#}
{% macro is_divided_month(moment, years) -%}
    {%- set first, last = var('wrapped_first_month'), var('wrapped_last_month') -%}
    {%- set conditions = [] -%}
    {%- for year in years -%}
        {%- for from_month, to_month in [(first - 1, first + 1), (last, last + 2)] -%}
            {%- do conditions.append(
                moment ~ " >= timestamp '" ~ month_starts_on(year, from_month) ~ "' and "
                ~ moment ~ " < timestamp '" ~ month_starts_on(year, to_month) ~ "'"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    ({{ conditions | join(' or ') or 'false' }})
{%- endmacro %}

{#- Months count on beyond the year: 0 is the December before it, 13 the January after it. -#}
{% macro month_starts_on(year, month) -%}
    {{ return(modules.datetime.date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)) }}
{%- endmacro %}
