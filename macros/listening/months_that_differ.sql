{% macro months_that_differ(source, target, month) -%}
    select {{ month }}
    from (
        select
            play_count,
            listening_ms,
            {{ month }}
        from {{ source }}
        union all
        select
            -play_count as play_count,
            -listening_ms as listening_ms,
            {{ month }}
        from {{ target }}
    ) as source_less_target
    group by {{ month }}
    having sum(play_count) <> 0 or sum(listening_ms) <> 0
{%- endmacro %}
