{#
    The column holds each of the values at least once. Fails with one row per missing value; a table
    without any row (`dbt build --empty`) passes.
#}
{% test has_values(model, column_name, values) %}

with

expected as (

    {% for value in values %}
    select '{{ value }}' as expected_value
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select expected.expected_value
from expected
left join {{ model }} as actual
    on expected.expected_value = actual.{{ column_name }}
where
    actual.{{ column_name }} is null
    and exists (select * from {{ model }})

{% endtest %}
