with

source as (

    select * from {{ source('kaggle', 'tracks') }}

),

exploded as (

    {{
        exploded_text_lists(
            'source', 'track_key', {'id_artists': 'artist_id', 'artists': 'artist_name'}
        )
    }}

),

renamed as (

    select
        track_key,
        artist_id,
        artist_name,
        item_position as artist_position
    from exploded

)

select * from renamed
