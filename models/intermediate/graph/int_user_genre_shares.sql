with

user_track_splits as (

    select * from {{ ref('int_user_track_splits') }}

),

track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

user_plays as (

    select
        user_key,
        sum(train_play_count) as play_count
    from user_track_splits
    group by user_key

),

user_genre_plays as (

    select
        user_track_splits.user_key,
        track_genres.genre_id,
        sum(user_track_splits.train_play_count) as play_count
    from user_track_splits
    inner join track_genres
        on user_track_splits.track_key = track_genres.track_key
    group by user_track_splits.user_key, track_genres.genre_id

),

user_genre_shares as (

    select
        user_genre_plays.user_key,
        user_genre_plays.genre_id,
        cast(user_genre_plays.play_count as double) / user_plays.play_count as play_share
    from user_genre_plays
    inner join user_plays
        on user_genre_plays.user_key = user_plays.user_key
    where user_plays.play_count > 0

)

select * from user_genre_shares
