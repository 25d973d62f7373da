{#
    A genre as genres are compared: folded as any text, hyphens and underscores read as spaces.
#}
{% macro folded_genre(expression) -%}
    {{ folded_text("translate(" ~ expression ~ ", '-_', '  ')") }}
{%- endmacro %}
