{% macro split_of_day(day, validation_starts_on, test_starts_on) -%}
    case
        when {{ day }} >= {{ test_starts_on }} then 'test'
        when {{ day }} >= {{ validation_starts_on }} then 'validation'
        else 'train'
    end
{%- endmacro %}
