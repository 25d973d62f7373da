{% macro milliseconds_later(moment, milliseconds) -%}
    {{ return(adapter.dispatch('milliseconds_later')(moment, milliseconds)) }}
{%- endmacro %}

{% macro default__milliseconds_later(moment, milliseconds) -%}
    {{ dbt.dateadd('millisecond', milliseconds, moment) }}
{%- endmacro %}

{#- An interval a play costs six times as much as counting in microseconds. -#}
{% macro duckdb__milliseconds_later(moment, milliseconds) -%}
    make_timestamp(epoch_us({{ moment }}) + cast(1000 as bigint) * ({{ milliseconds }}))
{%- endmacro %}
