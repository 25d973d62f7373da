with

fct_plays as (

    select * from {{ ref('fct_plays') }}

),

dim_users as (

    select * from {{ ref('dim_users') }}

),

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

final as (

    select
        fct_plays.event_id as id,
        fct_plays.ended_at as timestamp,
        dim_tracks.track_id,
        dim_users.user_id,
        fct_plays.listening_ms as listening_time
    from fct_plays
    inner join dim_users
        on fct_plays.user_key = dim_users.user_key
    inner join dim_tracks
        on fct_plays.track_key = dim_tracks.track_key

)

select * from final
