{#
    The column numbers the rows, without gap or repetition, from 0 on or from `first`.
#}
{% test dense_index(model, column_name, first=0) %}

select
    count(*) as row_count,
    count(distinct {{ column_name }}) as index_count,
    min({{ column_name }}) as first_index,
    max({{ column_name }}) as last_index
from {{ model }}
having
    count(*) <> count(distinct {{ column_name }})
    or min({{ column_name }}) <> {{ first }}
    or max({{ column_name }}) <> count(*) - 1 + {{ first }}

{% endtest %}
