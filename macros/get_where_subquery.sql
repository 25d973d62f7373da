{#-
    dbt's own, with one word more: `__latest_month__` in the `where` of a data test is the month of the
    last play, as a literal. What is found by a query instead reads all of a view.
-#}
{% macro default__get_where_subquery(relation) -%}
    {%- set where = config.get('where') -%}
    {%- if where -%}
        (
            select *
            from {{ relation }}
            where {{ where | replace('__latest_month__', latest_month()) }}
        ) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
