{#- The periods say it all; the moment from which they count spares reading what lies before. -#}
{% macro is_to_build(source, period, ended_at=none) -%}
    {%- if not is_incremental() -%}
        true
    {%- else -%}
        {%- set periods = periods_to_build(source, period) -%}
        {%- if not periods -%}
            false
        {%- else -%}
            {{ period }} in ({{ periods | join(', ') }})
            {%- if ended_at %}
                and {{ ended_at }} >= {{ periods[0] }}
            {%- endif %}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
