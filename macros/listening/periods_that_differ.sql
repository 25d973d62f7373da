{% macro periods_that_differ(source, target, period) -%}
    select {{ period }}
    from (
        select
            play_count,
            listening_ms,
            {{ period }}
        from {{ source }}
        union all
        select
            -play_count as play_count,
            -listening_ms as listening_ms,
            {{ period }}
        from {{ target }}
    ) as source_less_target
    group by {{ period }}
    having sum(play_count) <> 0 or sum(listening_ms) <> 0
{%- endmacro %}
