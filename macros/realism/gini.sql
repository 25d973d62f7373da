{% macro gini(counts, ascending_rank) -%}
    cast(
        2 * sum({{ ascending_rank }} * {{ counts }}) - (count(*) + 1) * sum({{ counts }}) as double
    ) / (count(*) * sum({{ counts }}))
{%- endmacro %}
