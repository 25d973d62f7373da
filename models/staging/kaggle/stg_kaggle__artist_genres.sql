with

source as (

    select * from {{ source('kaggle', 'artists') }}

),

exploded as (

    {{ exploded_text_lists('source', 'artist_key', {'genres': 'source_genre'}) }}

),

renamed as (

    select
        artist_key,
        source_genre,
        item_position as genre_position
    from exploded
    where source_genre is not null

)

select * from renamed
