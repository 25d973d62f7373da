{%- set dimensions = ['familiarity', 'newness', 'loyalty', 'commonality'] -%}

with

user_personality_scores as (

    select * from {{ ref('int_user_personality_scores') }}

),

personalities as (

    select * from {{ ref('personalities') }}

),

listeners as (

    select
        user_key,
        wrapped_year,
        {% for dimension in dimensions %}
            min(case when dimension = '{{ dimension }}' then score end) as {{ dimension }}_score
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from user_personality_scores
    group by user_key, wrapped_year

),

coded as (

    select
        *,
        {{ dbt.concat([
            "case when familiarity_score >= 0.5 then 'F' else 'E' end",
            "case when newness_score >= 0.5 then 'N' else 'T' end",
            "case when loyalty_score >= 0.5 then 'L' else 'V' end",
            "case when commonality_score >= 0.5 then 'C' else 'U' end",
        ]) }} as personality_code
    from listeners
    where
        {% for dimension in dimensions %}
            {{ dimension }}_score is not null
            {%- if not loop.last %} and{% endif %}
        {% endfor %}

),

final as (

    select
        coded.user_key,
        coded.personality_code,
        personalities.personality_name,
        coded.wrapped_year,
        {% for dimension in dimensions %}
            coded.{{ dimension }}_score,
        {% endfor %}
        {% for dimension in dimensions %}
            abs(coded.{{ dimension }}_score - 0.5) as {{ dimension }}_margin
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from coded
    inner join personalities
        on coded.personality_code = personalities.personality_code

)

select * from final
