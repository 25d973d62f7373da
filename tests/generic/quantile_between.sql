{#
    A distribution test: the quantile of the column (0.5: its median) lies within the bounds. Fewer
    rows than `enough_rows` say too little and pass. Fails with one row: the quantile and the rows it
    is of.
#}
{% test quantile_between(model, column_name, fraction, at_least, at_most, enough_rows=1000) %}

with

measured as (

    select
        count(*) as row_count,
        {{ quantile(column_name, fraction) }} as quantile_value
    from {{ model }}

)

select
    row_count,
    quantile_value
from measured
where
    row_count >= {{ enough_rows }}
    and not coalesce(quantile_value between {{ at_least }} and {{ at_most }}, false)

{% endtest %}
