{#- The months say it all; the moment from which they count spares reading those before. -#}
{% macro is_in_stale_month() -%}
    played_month in (select stale_months.played_month from stale_months)
    and ended_at >= (
        select cast(min(stale_months.played_month) as timestamp)
        from stale_months
    )
{%- endmacro %}
