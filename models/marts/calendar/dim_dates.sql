{#- More days than a calendar will ever have; what lies beyond its last day is cut off. -#}
{%- set most_days = 36525 -%}

{#- A Monday before every calendar. -#}
{%- set a_monday = "cast('1900-01-01' as date)" -%}

with

world as (

    select * from {{ ref('stg_playback__world') }}

),

simulation_batches as (

    select * from {{ ref('stg_playback__simulation_batches') }}

),

numbers as (

    {{ dbt.generate_series(most_days) }}

),

calendar as (

    select max(window_ends_on) as ends_on
    from simulation_batches

),

days as (

    select
        cast(
            {{ dbt.dateadd(
                'day', 'cast(numbers.generated_number as integer) - 1', 'world.starts_on'
            ) }} as date
        ) as date_day
    from world
    cross join numbers

),

feed_days as (

    select
        days.date_day,
        {{ dbt.datediff(a_monday, 'days.date_day', 'day') }}
        % 7 + 1 as iso_day_of_week
    from days
    inner join calendar
        on days.date_day <= calendar.ends_on

),

final as (

    select
        cast(iso_day_of_week as integer) as iso_day_of_week,
        iso_day_of_week >= 6 as is_weekend,
        date_day
    from feed_days

)

select * from final
