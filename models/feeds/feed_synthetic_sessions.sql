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

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

final as (

    select
        dim_users.user_id,
        dim_tracks.track_id,
        dim_artists.artist_id,
        fct_plays.started_at as timestamp,
        fct_plays.listening_ms as ms_played,
        fct_plays.duration_ms as track_duration_ms
    from fct_plays
    inner join dim_users
        on fct_plays.user_key = dim_users.user_key
    inner join dim_tracks
        on fct_plays.track_key = dim_tracks.track_key
    inner join dim_artists
        on fct_plays.artist_key = dim_artists.artist_key

)

select * from final
