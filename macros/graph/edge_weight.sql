{% macro edge_weight(
    avg_completion_ratio, play_count, largest_play_count, genre_affinity_score
) -%}
    0.6 * {{ avg_completion_ratio }}
    + 0.2 * ln(1 + {{ play_count }}) / ln(1 + {{ largest_play_count }})
    + 0.2 * {{ genre_affinity_score }}
{%- endmacro %}
