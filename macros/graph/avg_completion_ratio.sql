{% macro avg_completion_ratio(listening_ms, play_count, duration_ms) -%}
    least(cast({{ listening_ms }} as double) / ({{ play_count }} * {{ duration_ms }}), 1)
{%- endmacro %}
