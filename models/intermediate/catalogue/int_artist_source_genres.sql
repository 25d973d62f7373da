with

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

artists as (

    select * from {{ ref('stg_catalogue__artists') }}

),

listed as (

    {{ exploded_text_lists('artists', 'artist_key', {'source_genres': 'source_genre'}) }}

),

artist_genres as (

    select
        artist_key,
        {{ folded_genre('source_genre') }} as source_genre
    from listed

),

from_own_lists as (

    select distinct
        artist_key,
        source_genre,
        'artist' as evidence,
        cast(1 as bigint) as occurrence_count
    from artist_genres
    where
        source_genre is not null
        and artist_key in (select tracks_joined.artist_key from tracks_joined)

),

from_tracks as (

    select
        artist_key,
        source_genre,
        'track' as evidence,
        count(*) as occurrence_count
    from tracks_joined
    where source_genre is not null
    group by artist_key, source_genre

),

unioned as (

    select * from from_own_lists
    union all
    select * from from_tracks

)

select * from unioned
