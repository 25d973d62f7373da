with

user_track_years as (

    select * from {{ ref('int_user_track_years') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

user_genre_years as (

    select
        user_track_years.user_key,
        tracks.primary_genre_id as genre_id,
        user_track_years.wrapped_year,
        cast(sum(user_track_years.listen_count) as bigint) as listen_count,
        cast(sum(user_track_years.listening_ms) as bigint) as listening_ms
    from user_track_years
    inner join tracks
        on user_track_years.track_key = tracks.track_key
    where tracks.primary_genre_id is not null
    group by user_track_years.user_key, tracks.primary_genre_id, user_track_years.wrapped_year

)

select * from user_genre_years
