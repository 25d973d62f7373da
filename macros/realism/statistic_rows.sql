{% macro statistic_rows(relation, statistics) -%}
,

statistic_names as (

    {{ text_rows('statistic', statistics) }}

),

statistic_rows as (

    select
        {{ relation }}.user_key,
        {{ relation }}.window_days,
        statistic_names.statistic,
        case statistic_names.statistic
            {% for statistic in statistics %}
                when '{{ statistic }}' then cast({{ relation }}.{{ statistic }} as double)
            {% endfor %}
        end as statistic_value
    from {{ relation }}
    cross join statistic_names

)

select *
from statistic_rows
where statistic_value is not null
{%- endmacro %}
