{#-
    Multiplied before it is divided, so that a ratio of at most four decimals comes out exactly; and
    rounded down, so that no play reads 0.8 that has not reached 80 %.
-#}
{% macro completion_ratio(listening_ms, duration_ms) -%}
    cast(
        case
            when {{ listening_ms }} < {{ duration_ms }}
                then floor(10000 * cast({{ listening_ms }} as double) / {{ duration_ms }}) / 10000
            when {{ listening_ms }} >= {{ duration_ms }} then 1
        end as decimal(5, 4)
    )
{%- endmacro %}
