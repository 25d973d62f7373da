with

user_likes as (

    select * from {{ ref('stg_playback__user_likes') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

final as (

    select
        user_likes.user_key,
        user_likes.track_key,
        tracks.artist_key,
        cast(user_likes.like_value as integer) as like_value,
        user_likes.liked_at
    from user_likes
    inner join tracks
        on user_likes.track_key = tracks.track_key

)

select * from final
