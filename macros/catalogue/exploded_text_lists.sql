{#
    A query with one row per item of the text lists of a relation, such as `['A', "Guns N' Roses"]`.
    Lists are read as data: whatever is not a quoted item counts for nothing, so `[]`, an empty
    text and null have no items. Items of several lists are paired by their position; the shorter
    list is filled up with nulls.

    relation: the name of a relation or CTE.
    key_column: the column that identifies a row of it.
    lists: which column holds a list, and what its items are called.

    Columns: the key, `item_position` (from 1), and one per list.
#}
{% macro exploded_text_lists(relation, key_column, lists) %}
    {{- return(adapter.dispatch('exploded_text_lists')(relation, key_column, lists)) -}}
{% endmacro %}

{% macro duckdb__exploded_text_lists(relation, key_column, lists) %}
        {%- set quoted_item = "'''(?:[^''\\\\]|\\\\.)*''|\"(?:[^\"\\\\]|\\\\.)*\"'" -%}
        select
            {{ key_column }},
            cast(item_position as integer) as item_position
            {%- for item in lists.values() %},
            nullif(
                trim(
                    regexp_replace(
                        substring({{ item }}, 2, length({{ item }}) - 2),
                        '\\([''"\\])',
                        '\1',
                        'g'
                    )
                ),
                ''
            ) as {{ item }}
            {%- endfor %}
        from (
            select
                {{ key_column }},
                unnest(range(1, 1 + greatest(len({{ lists.values() | join('), len(') }}))))
                    as item_position
                {%- for item in lists.values() %},
                unnest({{ item }}) as {{ item }}
                {%- endfor %}
            from (
                select
                    {{ key_column }}
                    {%- for column, item in lists.items() %},
                    regexp_extract_all({{ column }}, {{ quoted_item }}) as {{ item }}
                    {%- endfor %}
                from {{ relation }}
            ) as parsed
        ) as exploded
{%- endmacro %}

{% macro spark__exploded_text_lists(relation, key_column, lists) %}
        {%- set quoted_item = "r\"'(?:[^'\\\\]|\\\\.)*'|\\x22(?:[^\\x22\\\\]|\\\\.)*\\x22\"" -%}
        select
            {{ key_column }},
            item_position + 1 as item_position
            {%- for item in lists.values() %},
            nullif(
                trim(
                    regexp_replace(
                        substring(item.{{ item }}, 2, length(item.{{ item }}) - 2),
                        r"\\(['\x22\\])",
                        '$1'
                    )
                ),
                ''
            ) as {{ item }}
            {%- endfor %}
        from (
            select
                {{ key_column }},
                posexplode(arrays_zip({{ lists.values() | join(', ') }})) as (item_position, item)
            from (
                select
                    {{ key_column }}
                    {%- for column, item in lists.items() %},
                    regexp_extract_all(coalesce({{ column }}, ''), {{ quoted_item }}, 0) as {{ item }}
                    {%- endfor %}
                from {{ relation }}
            ) as parsed
        ) as exploded
{%- endmacro %}
