{#- Services that do not say how long a track was heard tell of those alone that were listened to. -#}
{% macro is_listen(listening_ms, duration_ms) -%}
    {{ listening_ms }} is null
    or {{ listening_ms }} > 30000
    or coalesce({{ is_complete(listening_ms, duration_ms) }}, false)
{%- endmacro %}
