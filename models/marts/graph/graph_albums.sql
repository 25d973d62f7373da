with

dim_albums as (

    select * from {{ ref('dim_albums') }}

),

features as (

    select
        cast(row_number() over (order by album_key) - 1 as integer) as node_index,
        album_key,
        album_id,
        album_name,
        track_count,
        album_type = 'single' as is_single,
        album_type = 'compilation' as is_compilation
    from dim_albums

)

select * from features
