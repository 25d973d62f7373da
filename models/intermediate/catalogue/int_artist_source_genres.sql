with

genre_aliases as (

    select * from {{ ref('genre_aliases') }}

),

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

),

source_genres as (

    select distinct source_genre
    from unioned

),

aliases_found as (

    select
        source_genres.source_genre,
        genre_aliases.genre_id,
        row_number() over (
            partition by source_genres.source_genre
            order by length(genre_aliases.alias) desc, genre_aliases.alias asc
        ) as alias_rank
    from source_genres
    inner join genre_aliases
        on
            case
                when genre_aliases.is_standalone
                    then source_genres.source_genre = genre_aliases.alias
                else
                    contains(
                        concat(' ', source_genres.source_genre, ' '),
                        concat(' ', genre_aliases.alias, ' ')
                    )
            end

),

mapped as (

    select
        unioned.artist_key,
        aliases_found.genre_id,
        unioned.source_genre,
        unioned.evidence,
        unioned.occurrence_count
    from unioned
    left join aliases_found
        on
            unioned.source_genre = aliases_found.source_genre
            and aliases_found.alias_rank = 1

)

select * from mapped
