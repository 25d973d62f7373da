with

track_albums as (

    select * from {{ ref('int_track_albums') }}

),

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

albums as (

    select
        track_albums.album_key,
        max(track_albums.artist_key) as artist_key,
        max(case when track_albums.album_position = 1 then tracks_joined.album_name end)
            as album_name,
        cast(count(*) as integer) as track_count,
        max(tracks_joined.released_on) as released_on
    from track_albums
    inner join tracks_joined
        on track_albums.track_key = tracks_joined.track_key
    group by track_albums.album_key

),

numbered as (

    select
        *,
        cast(album_key + 1 as {{ dbt.type_string() }}) as album_number
    from albums

),

final as (

    select
        album_key,
        concat(
            'AL', lpad(album_number, cast(greatest(5, length(album_number)) as integer), '0')
        ) as album_id,
        artist_key,
        album_name,
        case
            when artist_key is null then 'compilation'
            when track_count <= 3 then 'single'
            else 'album'
        end as album_type,
        track_count,
        released_on
    from numbered

)

select * from final
