{% macro wrapped_year_of(date_or_timestamp) -%}
    case
        when
            extract(month from {{ date_or_timestamp }})
            between {{ var('wrapped_first_month') }} and {{ var('wrapped_last_month') }}
            then {{ year_of(date_or_timestamp) }}
    end
{%- endmacro %}
