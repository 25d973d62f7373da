{% macro half_hour_of(instant) -%}
    {{ return(adapter.dispatch('half_hour_of')(instant)) }}
{%- endmacro %}

{% macro duckdb__half_hour_of(instant) -%}
    time_bucket(interval 30 minute, {{ instant }})
{%- endmacro %}
