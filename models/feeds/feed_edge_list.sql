with

edge_list as (

    select * from {{ ref('edge_list') }}

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
        edge_list.play_count,
        edge_list.total_ms_played,
        edge_list.avg_completion_ratio,
        edge_list.genre_affinity_score,
        edge_list.edge_weight,
        edge_list.skip_count,
        edge_list.first_played_at,
        edge_list.last_played_at
    from edge_list
    inner join dim_users
        on edge_list.user_key = dim_users.user_key
    inner join dim_tracks
        on edge_list.track_key = dim_tracks.track_key
    inner join dim_artists
        on edge_list.artist_key = dim_artists.artist_key

)

select * from final
