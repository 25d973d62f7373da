with

tracks as (

    select * from {{ ref('stg_catalogue__tracks') }}

),

exploded as (

    {{ exploded_text_lists('tracks', 'track_key', {
        'source_artist_ids': 'artist_id', 'source_artist_names': 'artist_name'
    }) }}

),

track_artists as (

    select
        track_key,
        artist_id,
        artist_name,
        item_position as artist_position
    from exploded

)

select * from track_artists
