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
        first_on
    from ledger_window

),

window_tenths as (

    select
        day_count,
        cast(floor(day_count / 10) as integer) as tenth_day_count,
        first_on
    from window_days

),

{#- Days from the first day of the window to the first and the last day of each split. #}

offsets as (

    select
        'train' as split_name,
        0 as first_offset,
        day_count - 2 * tenth_day_count - 1 as last_offset,
        first_on as window_starts_on
    from window_tenths
    union all
    select
        'validation' as split_name,
        day_count - 2 * tenth_day_count as first_offset,
        day_count - tenth_day_count - 1 as last_offset,
        first_on as window_starts_on
    from window_tenths
    union all
    select
        'test' as split_name,
        day_count - tenth_day_count as first_offset,
        day_count - 1 as last_offset,
        first_on as window_starts_on
    from window_tenths

),

splits as (

    select
        split_name,
        cast(last_offset - first_offset + 1 as integer) as day_count,
        cast(
            {{ dbt.dateadd('day', 'first_offset', 'window_starts_on') }} as date
        ) as first_on,
        cast(
            {{ dbt.dateadd('day', 'last_offset', 'window_starts_on') }} as date
        ) as last_on
    from offsets
    where last_offset >= first_offset

)

select * from splits
