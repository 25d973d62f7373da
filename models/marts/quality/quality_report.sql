{#- A world is lifelike if this share of its judged statistics lies inside their bands. -#}
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
        case
            when severity = 'error' and not is_passed then 'fail'
            when severity = 'warning' and not is_passed then 'warn'
            -- what the source lost is told even where there is little of it
            when not is_passed or (severity = 'warning' and failing_count > 0) then 'note'
            else 'pass'
        end as verdict,
        'structural' as area,
        check_name as result_name,
        subject as segment,
        cast(null as integer) as window_days,
        cast(null as double) as curve_point,
        cast(failing_count as double) as result_value,
        cast(null as double) as expected_low,
        cast(tolerated_count as double) as expected_high,
        cast(null as string) as unit,
        cast(null as bigint) as passed_count,
        checked_count as judged_count,
        description,
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
        case
            when value between expected_low and expected_high then 'pass'
            when is_passed then 'not judged'
            else 'fail'
        end as verdict,
        'logical' as area,
        metric_name as result_name,
        segment_value as segment,
        cast(null as integer) as window_days,
        cast(null as double) as curve_point,
        value as result_value,
        expected_low,
        expected_high,
        unit,
        cast(null as bigint) as passed_count,
        cast(null as bigint) as judged_count,
        description,
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
        case
            when is_inside then 'pass'
            when verdict = 'undecided' then 'undecided'
            when is_inside is null then 'not judged'
            else 'fail'
        end as verdict,
        'realism' as area,
        statistic as result_name,
        reference_type as segment,
        window_days,
        curve_point,
        simulated_value as result_value,
        reference_low as expected_low,
        reference_high as expected_high,
        cast(null as string) as unit,
        cast(null as bigint) as passed_count,
        cast(null as bigint) as judged_count,
        definition as description,
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

{#- Failures come before warnings, notes, passes, and what was not judged. #}

ordered_results as (

    select
        case verdict
            when 'fail' then 3
            when 'warn' then 4
            when 'note' then 5
            when 'pass' then 6
            else 7
        end as section_order,
        *
    from results

),

area_counts as (

    select
        area,
        count(*) filter (where verdict in ('pass', 'warn', 'fail')) as judged_count,
        count(*) filter (where verdict = 'pass') as passed_count,
        count(*) filter (where verdict = 'warn') as warn_count,
        count(*) filter (where verdict = 'fail') as fail_count,
        cast(case area when 'realism' then {{ lifelike_share }} else 1 end as double)
            as least_share
    from results
    group by area

),

area_results as (

    select
        2 as section_order,
        case
            when judged_count = 0 then 'not judged'
            when fail_count = 0 and warn_count > 0 then 'warn'
            when fail_count = 0 then 'pass'
            when passed_count >= least_share * judged_count then 'pass'
            else 'fail'
        end as verdict,
        area,
        'summary' as result_name,
        'all' as segment,
        cast(null as integer) as window_days,
        cast(null as double) as curve_point,
        cast(passed_count as double) / nullif(judged_count, 0) as result_value,
        least_share as expected_low,
        cast(null as double) as expected_high,
        cast(null as string) as unit,
        passed_count,
        judged_count,
        'Share that passes of what is judged.' as description,
        cast(null as double) as deviation
    from area_counts

),

small_catalogue as (

    select count(*) > 0 as is_small_catalogue
    from realism_results
    where result_name = 'catalogue_heard_share' and verdict = 'fail'

),

area_verdicts as (

    select
        {%- for area in ['structural', 'logical', 'realism'] %}
            max(case when area = '{{ area }}' then verdict end) as {{ area }}_verdict,
        {%- endfor %}
        cast(sum(passed_count) as bigint) as passed_count,
        cast(sum(judged_count) as bigint) as judged_count
    from area_results

),

whole as (

    select
        area_verdicts.*,
        small_catalogue.is_small_catalogue
    from area_verdicts
    cross join small_catalogue

),

answer as (

    select
        1 as section_order,
        case
            when structural_verdict = 'fail' then 'unsound'
            when structural_verdict = 'warn' then 'warning: source data lost'
            when logical_verdict = 'fail' then 'implausible'
            when realism_verdict = 'fail' and is_small_catalogue
                then 'sound, not lifelike: the catalogue is small for its listeners'
            when realism_verdict = 'fail' then 'sound, not lifelike'
            when
                structural_verdict = 'pass'
                and logical_verdict = 'pass'
                and realism_verdict = 'pass'
                then 'good'
            else 'too little to judge'
        end as verdict,
        'all' as area,
        'Is this data good?' as result_name,
        'all' as segment,
        cast(null as integer) as window_days,
        cast(null as double) as curve_point,
        cast(passed_count as double) / nullif(judged_count, 0) as result_value,
        cast(null as double) as expected_low,
        cast(null as double) as expected_high,
        cast(null as string) as unit,
        passed_count,
        judged_count,
        'Share that passes of what is judged.' as description,
        cast(null as double) as deviation
    from whole

),

report as (

    select * from answer
    union all
    select * from area_results
    union all
    select * from ordered_results

),

final as (

    select
        verdict,
        area,
        result_name,
        result_value,
        expected_low,
        expected_high,
        unit,
        segment,
        window_days,
        curve_point,
        passed_count,
        judged_count,
        description,
        deviation,
        cast(
            row_number() over (
                order by
                    section_order asc,
                    case area when 'structural' then 1 when 'logical' then 2 else 3 end asc,
                    deviation desc,
                    result_name asc,
                    segment asc,
                    window_days asc,
                    curve_point asc
            ) as bigint
        ) as report_order
    from report

)

select *
from final
order by report_order
