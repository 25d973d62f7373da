{#- Lists are of listens; of equals the longer listening time comes first, then the smaller key. -#}
{% macro top_list(relation, within, key) -%}
    select *
    from (
        select
            *,
            cast(
                row_number() over (
                    partition by {{ within | join(', ') }}
                    order by listen_count desc, listening_ms desc, {{ key }} asc
                ) as integer
            ) as list_rank
        from {{ relation }}
        where listen_count > 0
    ) as ranked
    where list_rank <= {{ var('wrapped_list_length') }}
{%- endmacro %}
