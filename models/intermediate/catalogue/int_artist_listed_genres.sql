with

artists as (

    select * from {{ ref('stg_catalogue__artists') }}

),

exploded as (

    {{ exploded_text_lists('artists', 'artist_key', {'source_genres': 'source_genre'}) }}

),

listed_genres as (

    select
        artist_key,
        source_genre,
        item_position as genre_position
    from exploded
    where source_genre is not null

)

select * from listed_genres
