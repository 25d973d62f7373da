{#-
    The periods say it all; the moment from which they count spares reading what lies before.
-#}
{% macro is_to_build(source, period, ended_at=none) -%}
    {%- if not is_incremental() -%}
        true
    {%- else -%}
        {%- set stale_periods = periods_that_differ(source, this, period) -%}
        {{ period }} in ({{ stale_periods }})
        {%- if ended_at %}
            and {{ ended_at }} >= (
                select cast(min(stale_periods.{{ period }}) as timestamp)
                from ({{ stale_periods }}) as stale_periods
            )
        {%- endif %}
    {%- endif -%}
{%- endmacro %}
