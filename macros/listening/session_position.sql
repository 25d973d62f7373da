{% macro session_position(plays, half_hours) -%}
    cast(
        {{ plays }}.event_id - {{ half_hours }}.first_event_id
        + {{ half_hours }}.earlier_play_count + 1 as integer
    )
{%- endmacro %}
