{#
    The column numbers the rows from 0 on, without gap or repetition.
#}
{% test dense_index(model, column_name) %}

select
    count(*) as row_count,
    count(distinct {{ column_name }}) as index_count,
    min({{ column_name }}) as first_index,
    max({{ column_name }}) as last_index
from {{ model }}
having
    count(*) <> count(distinct {{ column_name }})
    or min({{ column_name }}) <> 0
    or max({{ column_name }}) <> count(*) - 1

{% endtest %}
