{% macro avg_completion_ratio(listening_ms, play_count, duration_ms) -%}
    case
        when {{ listening_ms }} < {{ play_count }} * {{ duration_ms }}
            then cast({{ listening_ms }} as double) / ({{ play_count }} * {{ duration_ms }})
        when {{ listening_ms }} >= {{ play_count }} * {{ duration_ms }} then 1
    end
{%- endmacro %}
