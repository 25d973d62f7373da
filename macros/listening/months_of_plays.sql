{% macro months_of_plays(plays, month) -%}
    select
        count(*) as play_count,
        sum(listening_ms) as listening_ms,
        {{ month }}
    from {{ plays }}
    group by {{ month }}
{%- endmacro %}
