{#- An average of whole numbers: the same whatever the order they are added in. -#}
{% macro share_of(condition, among='true', at_least=1) -%}
    case
        when count({{ condition }}) filter (where {{ among }}) >= {{ at_least }}
            then avg(cast({{ condition }} as integer)) filter (where {{ among }})
    end
{%- endmacro %}
