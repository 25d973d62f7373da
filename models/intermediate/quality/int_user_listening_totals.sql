with

edge_list as (

    select * from {{ ref('edge_list') }}

),

sessions as (

    select * from {{ ref('fct_listening_sessions') }}

),

user_artists as (

    select
        user_key,
        artist_key,
        sum(play_count) as play_count,
        count(*) as track_count
    from edge_list
    group by user_key, artist_key

),

user_tracks as (

    select
        user_key,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(track_count) as bigint) as track_count,
        count(*) as artist_count,
        cast(sum(play_count * (play_count - 1)) as bigint) as same_artist_pair_count
    from user_artists
    group by user_key

),

user_sessions as (

    select
        user_key,
        count(*) as session_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count
    from sessions
    group by user_key

),

final as (

    select
        user_tracks.user_key,
        user_tracks.play_count,
        user_sessions.skip_count,
        user_sessions.complete_count,
        user_tracks.track_count,
        user_tracks.artist_count,
        user_tracks.same_artist_pair_count,
        user_sessions.session_count
    from user_tracks
    inner join user_sessions
        on user_tracks.user_key = user_sessions.user_key

)

select * from final
