{% macro utc_offset_minutes(instant, timezone) -%}
    {{ return(adapter.dispatch('utc_offset_minutes')(instant, timezone)) }}
{%- endmacro %}

{% macro duckdb__utc_offset_minutes(instant, timezone) -%}
    date_diff('minute', {{ instant }}, {{ instant }} at time zone 'UTC' at time zone {{ timezone }})
{%- endmacro %}

{% macro spark__utc_offset_minutes(instant, timezone) -%}
    timestampdiff(minute, {{ instant }}, convert_timezone('UTC', {{ timezone }}, {{ instant }}))
{%- endmacro %}
