with

by_track as (

    select
        user_key,
        wrapped_year,
        sum(play_count) as play_count,
        sum(listen_count) as listen_count,
        sum(listening_ms) as listening_ms
    from {{ ref('int_user_track_years') }}
    group by user_key, wrapped_year

),

by_artist as (

    select
        user_key,
        wrapped_year,
        sum(play_count) as play_count,
        sum(listen_count) as listen_count,
        sum(listening_ms) as listening_ms
    from {{ ref('int_user_artist_years') }}
    group by user_key, wrapped_year

),

by_hour as (

    select
        user_key,
        wrapped_year,
        sum(listen_count) as listen_count
    from {{ ref('wrapped_listening_clock') }}
    group by user_key, wrapped_year

)

select
    by_track.user_key,
    by_track.wrapped_year,
    by_track.play_count,
    by_track.listen_count,
    by_artist.listen_count as listen_count_by_artist,
    by_hour.listen_count as listen_count_by_hour
from by_track
full outer join by_artist
    on
        by_track.user_key = by_artist.user_key
        and by_track.wrapped_year = by_artist.wrapped_year
left join by_hour
    on
        by_track.user_key = by_hour.user_key
        and by_track.wrapped_year = by_hour.wrapped_year
where
    by_track.user_key is null
    or by_artist.user_key is null
    or by_track.play_count <> by_artist.play_count
    or by_track.listen_count <> by_artist.listen_count
    or by_track.listening_ms <> by_artist.listening_ms
    or by_track.listen_count <> coalesce(by_hour.listen_count, 0)
