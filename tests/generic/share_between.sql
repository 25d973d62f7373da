{#
    A distribution test: the share of rows for which the expression is true lies within the bounds.
    Fewer rows than `enough_rows` say too little and pass. Fails with one row: the share and the rows
    it is of.
#}
{% test share_between(model, expression, at_least=0, at_most=1, enough_rows=1000) %}

select
    count(*) as row_count,
    cast(count(*) filter (where {{ expression }}) as double) / count(*) as row_share
from {{ model }}
having
    count(*) >= {{ enough_rows }}
    and not (
        count(*) filter (where {{ expression }}) >= {{ at_least }} * count(*)
        and count(*) filter (where {{ expression }}) <= {{ at_most }} * count(*)
    )

{% endtest %}
