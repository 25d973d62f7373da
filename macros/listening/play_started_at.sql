{% macro play_started_at(ended_at, listening_ms) -%}
    {{ return(adapter.dispatch('play_started_at')(ended_at, listening_ms)) }}
{%- endmacro %}

{% macro default__play_started_at(ended_at, listening_ms) -%}
    {{ dbt.dateadd('millisecond', '-' ~ listening_ms, ended_at) }}
{%- endmacro %}

{#- An interval a play costs six times as much as counting in microseconds. -#}
{% macro duckdb__play_started_at(ended_at, listening_ms) -%}
    make_timestamp(epoch_us({{ ended_at }}) - cast(1000 as bigint) * {{ listening_ms }})
{%- endmacro %}
