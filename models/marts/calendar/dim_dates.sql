{#- More days than a calendar will ever have; what lies beyond its last day is cut off. -#}
{%- set most_days = 36525 -%}

{#- A Monday before every calendar. -#}
{%- set a_monday = "cast('1900-01-01' as date)" -%}

with

simulation_batches as (

    select * from {{ ref('stg_playback__simulation_batches') }}

),

numbers as (

    {{ dbt.generate_series(most_days) }}

),

calendar as (

    select
        min(window_starts_on) as starts_on,
        max(window_ends_on) as ends_on
    from simulation_batches

),

days as (

    select
        calendar.ends_on,
        cast(
            {{ dbt.dateadd(
                'day', 'cast(numbers.generated_number as integer) - 1', 'calendar.starts_on'
            ) }} as date
        ) as date_day
    from calendar
    cross join numbers

),

calendar_days as (

    select
        date_day,
        {{ dbt.datediff(a_monday, 'date_day', 'day') }}
        % 7 + 1 as iso_day_of_week
    from days
    where date_day <= ends_on

),

final as (

    select
        cast(iso_day_of_week as integer) as iso_day_of_week,
        iso_day_of_week >= 6 as is_weekend,
        date_day
    from calendar_days

)

select * from final
