{#-
    A few days of plays cannot reach a whole catalogue. Most tracks must be played once there are 20 plays
    a track; a genre once its tracks would have 100 plays, were all tracks played alike. Only the
    tracks that were out before the simulated calendar ended count, and only simulated plays: a real
    listener plays their own music. A listener is sure of a play in the first week.
-#}
{%- set days_to_a_sure_play = 7 -%}
{%- set enough_plays_per_track = 20 -%}
{%- set enough_plays_per_genre = 100 -%}

with

user_calendars as (

    select * from {{ ref('int_user_calendars') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

artist_genres as (

    select * from {{ ref('bridge_artist_genres') }}

),

track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

simulated_calendar as (

    select max(user_calendars.window_ends_on) as ends_on
    from user_calendars
    inner join users
        on user_calendars.user_key = users.user_key
    where not users.is_imported

),

released_tracks as (

    select tracks.track_key
    from tracks
    inner join simulated_calendar
        on tracks.released_on <= simulated_calendar.ends_on

),

released_genre_tracks as (

    select
        track_genres.genre_id,
        count(*) as track_count
    from track_genres
    inner join released_tracks
        on track_genres.track_key = released_tracks.track_key
    group by track_genres.genre_id

),

users_played as (

    select distinct user_key
    from user_track_months

),

tracks_played as (

    select distinct track_key
    from user_track_months

),

genres_played as (

    select distinct track_genres.genre_id
    from track_genres
    inner join tracks_played
        on track_genres.track_key = tracks_played.track_key

),

catalogue_tracks as (

    select
        track_key,
        artist_key
    from tracks
    where not is_imported

),

catalogue_artists as (

    select distinct artist_key
    from catalogue_tracks

),

artists_with_genre as (

    select distinct artist_key
    from artist_genres

),

tracks_with_genre as (

    select distinct track_key
    from track_genres

),

simulated_plays as (

    select sum(user_track_months.play_count) as play_count
    from user_track_months
    inner join users
        on user_track_months.user_key = users.user_key
    where not users.is_imported

),

totals as (

    select
        simulated_plays.play_count,
        (select count(*) from released_tracks) as track_count
    from simulated_plays

),

listeners_have_plays as (

    select
        'listeners_have_plays' as check_name,
        'error' as severity,
        'Listeners the ledger covers for {{ days_to_a_sure_play }} days or more'
        || ' who have no play.' as description,
        count(*) filter (where users_played.user_key is null) as failing_count,
        0 as tolerated_count,
        count(*) as checked_count
    from user_calendars
    left join users_played
        on user_calendars.user_key = users_played.user_key
    where user_calendars.day_count >= {{ days_to_a_sure_play }}

),

tracks_are_played as (

    select
        'most_tracks_are_played' as check_name,
        case
            when max(totals.play_count) >= {{ enough_plays_per_track }} * max(totals.track_count)
                then 'error'
            else 'info'
        end as severity,
        'Released tracks never played; half may be. Informational below'
        || ' {{ enough_plays_per_track }} plays a track.' as description,
        count(*) filter (where tracks_played.track_key is null) as failing_count,
        floor(count(*) / 2) as tolerated_count,
        count(*) as checked_count
    from released_tracks
    cross join totals
    left join tracks_played
        on released_tracks.track_key = tracks_played.track_key

),

genres_are_played as (

    select
        'genres_are_played' as check_name,
        'error' as severity,
        'Genres never played, of those whose released tracks would have'
        || ' {{ enough_plays_per_genre }} plays,'
        || ' were all tracks played alike.' as description,
        count(*) filter (where genres_played.genre_id is null) as failing_count,
        0 as tolerated_count,
        count(*) as checked_count
    from released_genre_tracks
    cross join totals
    left join genres_played
        on released_genre_tracks.genre_id = genres_played.genre_id
    where
        released_genre_tracks.track_count * totals.play_count
        >= {{ enough_plays_per_genre }} * totals.track_count

),

artists_have_genre as (

    select
        'artists_have_genre' as check_name,
        'error' as severity,
        'Artists without a genre.' as description,
        count(*) filter (where artists_with_genre.artist_key is null) as failing_count,
        0 as tolerated_count,
        count(*) as checked_count
    from catalogue_artists
    left join artists_with_genre
        on catalogue_artists.artist_key = artists_with_genre.artist_key

),

tracks_have_genre as (

    select
        'tracks_have_genre' as check_name,
        'error' as severity,
        'Tracks without a genre.' as description,
        count(*) filter (where tracks_with_genre.track_key is null) as failing_count,
        0 as tolerated_count,
        count(*) as checked_count
    from catalogue_tracks
    left join tracks_with_genre
        on catalogue_tracks.track_key = tracks_with_genre.track_key

),

checks as (

    select * from listeners_have_plays
    union all
    select * from tracks_are_played
    union all
    select * from genres_are_played
    union all
    select * from artists_have_genre
    union all
    select * from tracks_have_genre

),

final as (

    select
        check_name,
        'all' as subject,
        'coverage' as category,
        severity,
        description,
        failing_count,
        cast(tolerated_count as bigint) as tolerated_count,
        checked_count
    from checks

)

select * from final
