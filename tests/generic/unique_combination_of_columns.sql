{#
    The columns together identify a row. Fails with one row a combination that occurs twice.
    `latest_of` names a column (a month) of which only the latest value is looked at: for tables so
    long that looking at all of them each time costs more than it tells.
#}
{% test unique_combination_of_columns(model, combination_of_columns, latest_of=none) %}

select
    {{ combination_of_columns | join(', ') }},
    count(*) as row_count
from {{ model }}
{%- if latest_of %}
where {{ latest_of }} = (select max({{ latest_of }}) from {{ model }})
{%- endif %}
group by {{ combination_of_columns | join(', ') }}
having count(*) > 1

{% endtest %}
