with

dim_tracks as (

    select * from {{ ref('dim_tracks') }}

),

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

final as (

    select
        dim_tracks.track_id,
        dim_tracks.track_name,
        dim_artists.artist_id,
        dim_artists.artist_name,
        dim_tracks.duration_ms,
        dim_tracks.popularity
    from dim_tracks
    inner join dim_artists
        on dim_tracks.artist_key = dim_artists.artist_key

)

select * from final
