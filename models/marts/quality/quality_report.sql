{#- Of what is judged of realism, this share inside is lifelike: bands are half the reference. -#}
{%- set lifelike_share = 0.9 -%}

with

structural as (

    select * from {{ ref('quality_structural') }}

),

logical as (

    select * from {{ ref('quality_logical') }}

),

realism as (

    select * from {{ ref('quality_realism') }}

),

structural_results as (

    select
        'structural' as area,
        check_name as result_name,
        subject as segment,
        description,
        'at most ' || tolerated_count || coalesce(' of ' || checked_count, '') as expectation,
        case
            when severity = 'error' and not is_passed then 'fail'
            when severity = 'warning' and not is_passed then 'warn'
            -- what the source lost is told even where there is little of it
            when not is_passed or (severity = 'warning' and failing_count > 0) then 'note'
            else 'pass'
        end as verdict,
        cast(failing_count as double) as result_value,
        case
            when not is_passed and severity <> 'info'
                then
                    cast(failing_count - tolerated_count as double)
                    / greatest(coalesce(checked_count, failing_count), 1)
            else 0
        end as deviation
    from structural

),

logical_results as (

    select
        'logical' as area,
        metric_name as result_name,
        segment_value as segment,
        description,
        {{ number_text('expected_low') }} || ' to ' || {{ number_text('expected_high') }}
        || ' ' || unit as expectation,
        case
            when value between expected_low and expected_high then 'pass'
            when is_passed then 'not judged'
            else 'fail'
        end as verdict,
        value as result_value,
        case
            when is_passed then 0
            else
                greatest(expected_low - value, value - expected_high)
                / (expected_high - expected_low)
        end as deviation
    from logical

),

realism_results as (

    select
        'realism' as area,
        statistic as result_name,
        reference_type || ', ' || window_days || ' days'
        || coalesce(', at ' || {{ number_text('curve_point') }}, '') as segment,
        definition as description,
        case
            when reference_low is null
                then 'shown beside ' || {{ number_text('round(10000 * reference_value) / 10000') }}
            when reference_high is null
                then 'at least ' || {{ number_text('round(10000 * reference_low) / 10000') }}
            else
                {{ number_text('round(10000 * reference_low) / 10000') }} || ' to '
                || {{ number_text('round(10000 * reference_high) / 10000') }}
        end as expectation,
        case
            -- one listener is no population
            when simulated_value is null or user_count < 2 then 'not judged'
            when is_inside then 'pass'
            when verdict = 'undecided' then 'undecided'
            when is_inside is null then 'not judged'
            else 'fail'
        end as verdict,
        simulated_value as result_value,
        coalesce(deviation, 0) as deviation
    from realism

),

results as (

    select * from structural_results
    union all
    select * from logical_results
    union all
    select * from realism_results

),

area_totals as (

    select
        area,
        count(*) filter (where verdict in ('pass', 'warn', 'fail')) as judged_count,
        count(*) filter (where verdict = 'pass') as pass_count,
        count(*) filter (where verdict = 'warn') as warn_count,
        count(*) filter (where verdict = 'fail') as fail_count,
        max(case when result_name = 'catalogue_heard_share' and verdict = 'fail' then 1 else 0 end)
            as has_small_catalogue
    from results
    group by area

),

area_results as (

    select
        area,
        'summary' as result_name,
        'all' as segment,
        'Share that passes of what is judged.' as description,
        case
            when area = 'realism' then 'at least {{ lifelike_share }}'
            else 'all'
        end as expectation,
        case
            when judged_count = 0 then 'not judged'
            when fail_count = 0 and warn_count > 0 then 'warn'
            when fail_count = 0 then 'pass'
            when area = 'realism' and pass_count >= {{ lifelike_share }} * judged_count
                then 'pass'
            else 'fail'
        end as verdict,
        judged_count,
        pass_count,
        has_small_catalogue,
        cast(pass_count as double) / nullif(judged_count, 0) as result_value
    from area_totals

),

answer as (

    select
        'all' as area,
        'Is this data good?' as result_name,
        'all' as segment,
        {% for area in ['structural', 'logical', 'realism'] %}
            coalesce(
                max(case when area = '{{ area }}' then pass_count || ' of ' || judged_count end),
                '0 of 0'
            ) || ' {{ area }}' {{ "|| ', ' ||" if not loop.last }}
        {% endfor %} as description,
        'good' as expectation,
        case
            when count(*) filter (where area = 'structural' and verdict = 'fail') > 0
                then 'unsound'
            when count(*) filter (where verdict = 'warn') > 0
                then 'warning: source data lost'
            when count(*) filter (where area = 'logical' and verdict = 'fail') > 0
                then 'implausible'
            when count(*) filter (where verdict = 'fail') > 0 and max(has_small_catalogue) = 1
                then 'sound, not lifelike: the catalogue is small for its listeners'
            when count(*) filter (where verdict = 'fail') > 0
                then 'sound, not lifelike'
            when count(*) filter (where verdict = 'pass') = 3 then 'good'
            else 'too little to judge'
        end as verdict,
        cast(sum(pass_count) as double) / nullif(sum(judged_count), 0) as result_value
    from area_results

),

report as (

    select
        1 as section_order,
        area,
        result_name,
        segment,
        description,
        expectation,
        verdict,
        result_value,
        cast(null as double) as deviation
    from answer
    union all
    select
        2 as section_order,
        area,
        result_name,
        segment,
        description,
        expectation,
        verdict,
        result_value,
        cast(null as double) as deviation
    from area_results
    union all
    select
        case verdict
            when 'fail' then 3
            when 'warn' then 4
            when 'note' then 5
            when 'pass' then 6
            else 7
        end as section_order,
        area,
        result_name,
        segment,
        description,
        expectation,
        verdict,
        result_value,
        deviation
    from results

),

final as (

    select
        verdict,
        area,
        result_name,
        segment,
        result_value,
        expectation,
        description,
        deviation,
        cast(
            row_number() over (
                order by
                    section_order asc,
                    case area when 'structural' then 1 when 'logical' then 2 else 3 end asc,
                    deviation desc,
                    result_name asc,
                    segment asc
            ) as bigint
        ) as report_order
    from report

)

select *
from final
order by report_order
