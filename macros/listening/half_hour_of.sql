{% macro half_hour_of(instant) -%}
    {{ return(adapter.dispatch('half_hour_of')(instant)) }}
{%- endmacro %}

{% macro duckdb__half_hour_of(instant) -%}
    time_bucket(interval 30 minute, {{ instant }})
{%- endmacro %}

{% macro spark__half_hour_of(instant) -%}
    timestampadd(
        minute,
        -(extract(minute from {{ instant }}) % 30),
        cast(date_trunc('minute', {{ instant }}) as timestamp)
    )
{%- endmacro %}
