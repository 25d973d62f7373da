with

bridge_track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

dim_genres as (

    select * from {{ ref('dim_genres') }}

),

final as (

    select
        dim_tracks.track_id,
        dim_genres.genre_id,
        dim_genres.genre_name
    from bridge_track_genres
    inner join dim_tracks
        on bridge_track_genres.track_key = dim_tracks.track_key
    inner join dim_genres
        on bridge_track_genres.genre_id = dim_genres.genre_id

)

select * from final
