with

likes as (

    select * from {{ ref('fct_likes') }}

),

plays as (

    select
        user_key,
        track_key,
        started_at,
        ended_at
    from {{ ref('int_plays_measured') }}

)

select likes.*
from likes
left join plays
    on
        likes.user_key = plays.user_key
        and likes.track_key = plays.track_key
        and likes.liked_at between plays.started_at and plays.ended_at
where plays.user_key is null
