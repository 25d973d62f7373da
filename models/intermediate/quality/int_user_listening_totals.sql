with

user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

sessions as (

    select * from {{ ref('fct_listening_sessions') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

user_tracks as (

    select
        user_key,
        track_key,
        sum(play_count) as play_count,
        sum(skip_count) as skip_count,
        sum(complete_count) as complete_count
    from user_track_months
    group by user_key, track_key

),

user_artists as (

    select
        user_tracks.user_key,
        tracks.artist_key,
        sum(user_tracks.play_count) as play_count,
        sum(user_tracks.skip_count) as skip_count,
        sum(user_tracks.complete_count) as complete_count,
        count(*) as track_count
    from user_tracks
    inner join tracks
        on user_tracks.track_key = tracks.track_key
    group by user_tracks.user_key, tracks.artist_key

),

users_played as (

    select
        user_key,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count,
        cast(sum(track_count) as bigint) as track_count,
        count(*) as artist_count,
        cast(sum(play_count * (play_count - 1)) as bigint) as same_artist_pair_count
    from user_artists
    group by user_key

),

user_sessions as (

    select
        user_key,
        count(*) as session_count
    from sessions
    group by user_key

),

final as (

    select
        users_played.user_key,
        users_played.play_count,
        users_played.skip_count,
        users_played.complete_count,
        users_played.track_count,
        users_played.artist_count,
        users_played.same_artist_pair_count,
        user_sessions.session_count
    from users_played
    inner join user_sessions
        on users_played.user_key = user_sessions.user_key

)

select * from final
