{#- Looked up before the model runs: DuckDB skips what a literal rules out, and reads all for a subquery. -#}
{% macro periods_to_build(source, period) -%}
    {%- set literals = [] -%}
    {%- if execute -%}
        {%- set periods = run_query(periods_that_differ(source, this, period)).columns[0].values() -%}
        {%- for value in periods | reject('none') | sort -%}
            {%- do literals.append(
                value if value is number else "cast('" ~ value ~ "' as date)"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(literals) }}
{%- endmacro %}
