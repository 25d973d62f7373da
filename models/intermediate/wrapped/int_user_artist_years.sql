{{ built_by('wrapped_year') }}

with

user_artist_months as (

    select *
    from {{ ref('int_user_artist_months') }}
    where wrapped_year is not null

),

{#- A month of the listener may have two rows, one on either side of a month's end in UTC. #}

months as (

    select
        user_key,
        artist_key,
        wrapped_year,
        sum(play_count) as play_count,
        sum(listen_count) as listen_count,
        sum(listening_ms) as listening_ms,
        cast(bit_or(listen_days) as bigint) as listen_days,
        local_month
    from user_artist_months
    where {{ is_to_build(ref('int_user_artist_months'), 'wrapped_year') }}
    group by user_key, artist_key, wrapped_year, local_month

),

{#-
    Of equals in listens the month with most listening time, then the first: as one number. The bits
    below the lowest one that is set number the days of the month before the first listen.
#}

years as (

    select
        user_key,
        artist_key,
        wrapped_year,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listen_count) as bigint) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        max_by(
            local_month,
            (cast(listen_count as bigint) * 10000000000 + coalesce(listening_ms, 0)) * 12
            - extract(month from local_month)
        ) as peak_month,
        min(
            case
                when listen_days > 0
                    then extract(doy from local_month) + bit_count((listen_days & -listen_days) - 1)
            end
        ) as first_listen_day
    from months
    group by user_key, artist_key, wrapped_year

),

{#- The days of a month as bits. #}

days as (

    {% for day in range(1, 32) %}
        select
            {{ day }} as day_of_month,
            cast({{ 2 ** (day - 1) }} as bigint) as day_bit,
            cast({{ 2 ** (day - 2) if day > 1 else 0 }} as bigint) as previous_day_bit
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

{#- Elsewhere no two days lie in a row, or touch at a month's end: the first is the longest run. #}

months_with_runs as (

    select *
    from months
    where
        listen_days & (2 * listen_days) > 0
        or listen_days & 1 > 0
        or listen_days >= {{ 2 ** 27 }}

),

numbered_months as (

    select
        *,
        sum(bit_count(listen_days)) over (
            partition by user_key, artist_key, wrapped_year
            order by local_month
        ) - bit_count(listen_days) as earlier_day_count
    from months_with_runs

),

{#-
    A run begins on a day whose bit is set and the one before it is not. Adding that bit carries
    through the run, and so clears it: what the days lose is its length.
#}

runs as (

    select
        numbered_months.user_key,
        numbered_months.artist_key,
        numbered_months.wrapped_year,
        bit_count(numbered_months.listen_days)
        - bit_count(numbered_months.listen_days & (numbered_months.listen_days + days.day_bit))
            as day_count,
        extract(doy from numbered_months.local_month) + days.day_of_month - 1 as starts_on_day,
        numbered_months.earlier_day_count
        + bit_count(numbered_months.listen_days & (days.day_bit - 1)) as earlier_day_count
    from numbered_months
    cross join days
    where
        numbered_months.listen_days & days.day_bit > 0
        and numbered_months.listen_days & days.previous_day_bit = 0

),

{#- Runs that touch at a month's end lie as far from the number of days before them. #}

streaks as (

    select
        user_key,
        artist_key,
        wrapped_year,
        cast(sum(day_count) as bigint) as day_count,
        min(starts_on_day) as starts_on_day
    from runs
    group by user_key, artist_key, wrapped_year, starts_on_day - earlier_day_count
    having sum(day_count) > 1

),

{#- The longest, and of equals the first. #}

longest_streaks as (

    select
        user_key,
        artist_key,
        wrapped_year,
        max(day_count) as day_count,
        max_by(starts_on_day, 1000 * day_count - starts_on_day) as starts_on_day
    from streaks
    group by user_key, artist_key, wrapped_year

),

final as (

    select
        years.user_key,
        years.artist_key,
        years.wrapped_year,
        years.play_count,
        years.listen_count,
        years.listening_ms,
        coalesce(
            longest_streaks.day_count,
            case when years.first_listen_day is null then 0 else 1 end
        ) as streak_day_count,
        cast(
            {{ dbt.dateadd(
                'day',
                'coalesce(longest_streaks.starts_on_day, years.first_listen_day) - 1',
                'make_date(years.wrapped_year, 1, 1)'
            ) }} as date
        ) as streak_starts_on,
        years.peak_month
    from years
    left join longest_streaks
        on
            years.user_key = longest_streaks.user_key
            and years.artist_key = longest_streaks.artist_key
            and years.wrapped_year = longest_streaks.wrapped_year

)

select * from final
