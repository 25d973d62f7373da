with

user_year_totals as (

    select * from {{ ref('int_user_year_totals') }}

),

user_hours as (

    select *
    from {{ ref('int_user_hours') }}
    where wrapped_year is not null

),

user_listening_ages as (

    select * from {{ ref('int_user_listening_ages') }}

),

user_artist_years as (

    select * from {{ ref('int_user_artist_years') }}

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

),

artist_streaks as (

    select
        user_key,
        wrapped_year,
        artist_key,
        streak_day_count,
        streak_starts_on,
        row_number() over (
            partition by user_key, wrapped_year
            order by streak_day_count desc, streak_starts_on asc, artist_key asc
        ) as streak_rank
    from user_artist_years
    where streak_day_count > 0

),

ranked as (

    select
        *,
        cast(skip_count as double) / nullif(timed_count, 0) as skip_share,
        count(*) over (partition by wrapped_year, listening_ms is null) as listener_count,
        cast(
            rank() over (
                partition by wrapped_year, listening_ms is null
                order by
                    listening_ms desc,
                    case when listening_ms is null then listen_count end desc
            ) as bigint
        ) as listening_rank
    from user_year_totals
    where listen_count > 0

),

final as (

    select
        ranked.user_key,
        ranked.first_track_key,
        artist_streaks.artist_key as streak_artist_key,
        ranked.wrapped_year,
        ranked.play_count,
        ranked.listen_count,
        ranked.skip_count,
        ranked.complete_count,
        ranked.listening_ms,
        {{ minutes_of('ranked.listening_ms') }} as minutes,
        ranked.track_count,
        ranked.artist_count,
        ranked.genre_count,
        ranked.new_track_count,
        ranked.new_artist_count,
        user_year_days.listen_day_count,
        user_year_days.streak_day_count,
        artist_streaks.streak_day_count as artist_streak_day_count,
        user_year_days.busiest_listen_count,
        {{ minutes_of('user_year_days.busiest_listening_ms') }} as busiest_minutes,
        ranked.listening_rank,
        ranked.listener_count,
        cast(ranked.listening_rank as double) / ranked.listener_count as top_share,
        ranked.skip_share,
        case
            when ranked.skip_share is not null
                then percent_rank() over (
                    partition by ranked.wrapped_year, ranked.skip_share is null
                    order by ranked.skip_share
                )
        end as fewer_skips_share,
        user_listening_ages.listening_age,
        user_listening_ages.span_starts_year as listening_age_span_starts_year,
        user_listening_ages.peer_count as listening_age_peer_count,
        greatest({{ var('wrapped_least_tracks') }} - ranked.track_count, 0)
            as missing_track_count,
        greatest({{ var('wrapped_least_artists') }} - ranked.artist_count, 0)
            as missing_artist_count,
        ranked.is_eligible,
        user_year_days.streak_starts_on,
        artist_streaks.streak_starts_on as artist_streak_starts_on,
        user_year_days.busiest_on,
        ranked.first_played_at
    from ranked
    inner join user_year_days
        on
            ranked.user_key = user_year_days.user_key
            and ranked.wrapped_year = user_year_days.wrapped_year
    inner join artist_streaks
        on
            ranked.user_key = artist_streaks.user_key
            and ranked.wrapped_year = artist_streaks.wrapped_year
            and artist_streaks.streak_rank = 1
    left join user_listening_ages
        on
            ranked.user_key = user_listening_ages.user_key
            and ranked.wrapped_year = user_listening_ages.wrapped_year

)

select * from final
