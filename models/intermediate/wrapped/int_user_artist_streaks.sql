with

user_artist_days as (

    select * from {{ ref('int_user_artist_days') }}

),

listen_days as (

    select
        user_key,
        artist_key,
        wrapped_year,
        dense_rank() over (
            partition by user_key, artist_key
            order by played_on
        ) as day_number,
        played_on
    from user_artist_days
    where
        listen_count > 0
        and {{ is_in_wrapped_window('played_on') }}

),

{#-
    Days in a row are those that lie as far from their number. A day may have two rows, one on
    either side of a month's end in UTC.
#}

streaks as (

    select
        user_key,
        artist_key,
        wrapped_year,
        cast(max(day_number) - min(day_number) + 1 as bigint) as day_count,
        min(played_on) as starts_on
    from listen_days
    group by
        user_key,
        artist_key,
        wrapped_year,
        {{ dbt.dateadd('day', '-day_number', 'played_on') }}

),

{#- The longest, and of equals the first. #}

user_artist_streaks as (

    select
        user_key,
        artist_key,
        wrapped_year,
        max(day_count) as streak_day_count,
        max_by(starts_on, 1000 * day_count - extract(doy from starts_on)) as streak_starts_on
    from streaks
    group by user_key, artist_key, wrapped_year

)

select * from user_artist_streaks
