{#-
    The last tenth of the days is for the test, the one before for validation. Over a year and more both
    begin with a month: so they move once a month and not every day, and sums by month are enough.
-#}
{%- set days_of_a_year = 365 -%}
{%- set a_tenth = 'cast(floor(day_count / 10) as integer)' -%}

with

simulation_batches as (

    select * from {{ ref('stg_playback__simulation_batches') }}

),

ledger_window as (

    select
        min(window_starts_on) as first_on,
        max(window_ends_on) as last_on
    from simulation_batches

),

window_days as (

    select
        {{ dbt.datediff('first_on', 'last_on', 'day') }}
        + 1 as day_count,
        first_on,
        last_on
    from ledger_window

),

tenths as (

    select
        day_count,
        first_on,
        last_on,
        cast({{ dbt.dateadd('day', '1 - 2 * ' ~ a_tenth, 'last_on') }} as date)
            as validation_starts_on,
        cast({{ dbt.dateadd('day', '1 - ' ~ a_tenth, 'last_on') }} as date) as test_starts_on
    from window_days

),

boundaries as (

    select
        first_on,
        last_on,
        case
            when day_count >= {{ days_of_a_year }}
                then {{ first_of_month('validation_starts_on') }}
            else validation_starts_on
        end as validation_starts_on,
        case
            when day_count >= {{ days_of_a_year }}
                then {{ first_of_month('test_starts_on') }}
            else test_starts_on
        end as test_starts_on
    from tenths

),

splits as (

    select
        'train' as split_name,
        first_on,
        cast({{ dbt.dateadd('day', -1, 'validation_starts_on') }} as date) as last_on
    from boundaries
    union all
    select
        'validation' as split_name,
        validation_starts_on as first_on,
        cast({{ dbt.dateadd('day', -1, 'test_starts_on') }} as date) as last_on
    from boundaries
    union all
    select
        'test' as split_name,
        test_starts_on as first_on,
        last_on
    from boundaries

),

final as (

    select
        split_name,
        cast(
            {{ dbt.datediff('first_on', 'last_on', 'day') }}
            + 1 as integer
        ) as day_count,
        first_on,
        last_on
    from splits
    where first_on <= last_on

)

select * from final
