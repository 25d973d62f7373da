with

user_track_years as (

    select * from {{ ref('int_user_track_years') }}

),

user_artist_years as (

    select * from {{ ref('int_user_artist_years') }}

),

user_genre_years as (

    select * from {{ ref('int_user_genre_years') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

artists as (

    select * from {{ ref('dim_artists') }}

),

genres as (

    select * from {{ ref('dim_genres') }}

),

{#- A listener who only skipped it is no listener of it; what they heard counts. #}

track_years as (

    select
        track_key,
        wrapped_year,
        count(*) filter (where listen_count > 0) as listener_count,
        sum(listen_count) as listen_count,
        sum(listening_ms) as listening_ms
    from user_track_years
    group by track_key, wrapped_year
    having sum(listen_count) > 0

),

artist_years as (

    select
        artist_key,
        wrapped_year,
        count(*) filter (where listen_count > 0) as listener_count,
        sum(listen_count) as listen_count,
        sum(listening_ms) as listening_ms
    from user_artist_years
    group by artist_key, wrapped_year
    having sum(listen_count) > 0

),

genre_years as (

    select
        genre_id,
        wrapped_year,
        count(*) filter (where listen_count > 0) as listener_count,
        sum(listen_count) as listen_count,
        sum(listening_ms) as listening_ms
    from user_genre_years
    group by genre_id, wrapped_year
    having sum(listen_count) > 0

),

items as (

    select
        'track' as item_kind,
        tracks.track_id as item_id,
        tracks.track_name as item_name,
        track_years.wrapped_year,
        track_years.listener_count,
        track_years.listen_count,
        track_years.listening_ms
    from track_years
    inner join tracks
        on track_years.track_key = tracks.track_key
    union all
    select
        'artist' as item_kind,
        artists.artist_id as item_id,
        artists.artist_name as item_name,
        artist_years.wrapped_year,
        artist_years.listener_count,
        artist_years.listen_count,
        artist_years.listening_ms
    from artist_years
    inner join artists
        on artist_years.artist_key = artists.artist_key
    union all
    select
        'genre' as item_kind,
        genres.genre_id as item_id,
        genres.genre_name as item_name,
        genre_years.wrapped_year,
        genre_years.listener_count,
        genre_years.listen_count,
        genre_years.listening_ms
    from genre_years
    inner join genres
        on genre_years.genre_id = genres.genre_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by item_kind, wrapped_year
            order by listen_count desc, listening_ms desc, item_id asc
        ) as item_rank
    from items

),

final as (

    select
        item_kind,
        item_id,
        item_name,
        wrapped_year,
        cast(item_rank as integer) as item_rank,
        listener_count,
        cast(listen_count as bigint) as listen_count,
        {{ minutes_of('listening_ms') }} as minutes
    from ranked
    where item_rank <= {{ var('wrapped_list_length') }}

)

select * from final
