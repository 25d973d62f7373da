with

bridge_track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

genre_sets as (

    select
        track_key,
        {{ dbt.listagg('genre_id', "','", 'order by genre_id') }} as genre_ids
    from bridge_track_genres
    group by track_key

),

exemplars as (

    select
        track_key,
        min(track_key) over (partition by genre_ids) as exemplar_track_key
    from genre_sets

)

select * from exemplars
