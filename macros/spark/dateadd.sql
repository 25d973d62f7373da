{#- dbt-spark's own cuts a timestamp to the second, and fails on null. -#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd(
        {{ datepart }},
        cast({{ interval }} as integer),
        cast({{ from_date_or_timestamp }} as timestamp)
    )
{%- endmacro %}
