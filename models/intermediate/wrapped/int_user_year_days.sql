with

user_hours as (

    select *
    from {{ ref('int_user_hours') }}
    where wrapped_year is not null

),

days as (

    select
        user_key,
        wrapped_year,
        cast(sum(listen_count) as bigint) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        played_on
    from user_hours
    group by user_key, wrapped_year, played_on
    having sum(listen_count) > 0

),

numbered_days as (

    select
        *,
        row_number() over (
            partition by user_key, wrapped_year
            order by
                listening_ms desc,
                case when listening_ms is null then listen_count end desc,
                played_on asc
        ) as busiest_rank,
        row_number() over (partition by user_key order by played_on) as day_number
    from days

),

{#- Days in a row are those that lie as far from their number. #}

streaks as (

    select
        user_key,
        wrapped_year,
        count(*) as day_count,
        min(case when busiest_rank = 1 then listen_count end) as busiest_listen_count,
        min(case when busiest_rank = 1 then listening_ms end) as busiest_listening_ms,
        min(played_on) as starts_on,
        min(case when busiest_rank = 1 then played_on end) as busiest_on
    from numbered_days
    group by user_key, wrapped_year, {{ dbt.dateadd('day', '-day_number', 'played_on') }}

),

{#- The longest, and of equals the first. #}

user_year_days as (

    select
        user_key,
        wrapped_year,
        cast(sum(day_count) as bigint) as listen_day_count,
        max(day_count) as streak_day_count,
        min(busiest_listen_count) as busiest_listen_count,
        min(busiest_listening_ms) as busiest_listening_ms,
        max_by(starts_on, 1000 * day_count - extract(doy from starts_on)) as streak_starts_on,
        min(busiest_on) as busiest_on
    from streaks
    group by user_key, wrapped_year

)

select * from user_year_days
