{% macro wrapped_years(source) -%}
    {%- set years = [] -%}
    {%- if execute -%}
        {%- set found = run_query(
            'select distinct wrapped_year from ' ~ source ~ ' where wrapped_year is not null'
        ) -%}
        {%- for year in found.columns[0].values() | sort -%}
            {%- do years.append(year | int) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(years) }}
{%- endmacro %}
