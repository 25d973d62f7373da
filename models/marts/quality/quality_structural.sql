with

play_checks as (

    select * from {{ ref('int_play_checks') }}

),

reconciliation_checks as (

    select * from {{ ref('int_reconciliation_checks') }}

),

coverage_checks as (

    select * from {{ ref('int_coverage_checks') }}

),

source_checks as (

    select * from {{ ref('int_source_checks') }}

),

checks as (

    select * from play_checks
    union all
    select * from reconciliation_checks
    union all
    select * from coverage_checks
    union all
    select * from source_checks

),

final as (

    select
        check_name,
        subject,
        category,
        severity,
        description,
        failing_count,
        tolerated_count,
        checked_count,
        failing_count <= tolerated_count as is_passed
    from checks

)

select * from final
