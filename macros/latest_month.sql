{% macro latest_month() -%}
    {%- set months = run_query(
        'select ' ~ first_of_month('max(ended_at)') ~ ' from ' ~ source('playback', 'user_events')
    ).columns[0].values() if execute else [none] -%}
    cast({{ dbt.string_literal(months[0]) if months[0] else 'null' }} as date)
{%- endmacro %}
