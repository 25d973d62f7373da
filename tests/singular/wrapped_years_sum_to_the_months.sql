with

months as (

    select
        user_key,
        sum(play_count) as play_count,
        sum(listening_ms) as listening_ms
    from {{ ref('agg_user_track_months') }}
    group by user_key

),

years as (

    select
        user_key,
        sum(play_count) as play_count,
        sum(listening_ms) as listening_ms
    from {{ ref('int_user_year_totals') }}
    group by user_key

)

select
    months.user_key,
    months.play_count,
    years.play_count as play_count_by_year,
    months.listening_ms,
    years.listening_ms as listening_ms_by_year
from months
full outer join years
    on months.user_key = years.user_key
where
    {{ var('wrapped_last_month') }} - {{ var('wrapped_first_month') }} = 11
    and (
        months.user_key is null
        or years.user_key is null
        or months.play_count <> years.play_count
        or months.listening_ms <> years.listening_ms
    )
