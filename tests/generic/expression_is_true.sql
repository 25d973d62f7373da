{#
    Every row satisfies the expression. Fails with the rows that do not, or where it is null.
    On a column, the expression still names it: `activity_level between 0 and 1`.
#}
{% test expression_is_true(model, expression, column_name=none) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
