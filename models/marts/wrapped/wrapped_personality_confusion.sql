{#- The only model of this folder that reads the hidden truth. -#}

with

wrapped_personalities as (

    select * from {{ ref('wrapped_personalities') }}

),

user_traits as (

    select * from {{ ref('stg_playback__user_traits') }}

),

true_codes as (

    select
        user_key,
        {{ dbt.concat([
            "case when is_familiar then 'F' else 'E' end",
            "case when is_new then 'N' else 'T' end",
            "case when is_loyal then 'L' else 'V' end",
            "case when is_common then 'C' else 'U' end",
        ]) }} as personality_code
    from user_traits

),

scored as (

    select
        wrapped_personalities.wrapped_year,
        wrapped_personalities.personality_code as scored_code,
        true_codes.personality_code as true_code
    from wrapped_personalities
    inner join true_codes
        on wrapped_personalities.user_key = true_codes.user_key

),

compared as (

    {% for dimension in ['familiarity', 'newness', 'loyalty', 'commonality'] %}
        select
            '{{ dimension }}' as dimension,
            substring(true_code, {{ loop.index }}, 1) as true_value,
            substring(scored_code, {{ loop.index }}, 1) as scored_value,
            wrapped_year
        from scored
        union all
    {% endfor %}
    select
        'all' as dimension,
        true_code as true_value,
        scored_code as scored_value,
        wrapped_year
    from scored

),

confusion as (

    select
        dimension,
        true_value,
        scored_value,
        wrapped_year,
        count(*) as listener_count,
        true_value = scored_value as is_right
    from compared
    group by dimension, true_value, scored_value, wrapped_year

)

select * from confusion
