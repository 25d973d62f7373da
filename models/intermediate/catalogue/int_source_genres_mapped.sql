with

artist_source_genres as (

    select * from {{ ref('int_artist_source_genres') }}

),

genre_aliases as (

    select * from {{ ref('genre_aliases') }}

),

source_genres as (

    select distinct source_genre
    from artist_source_genres

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
        aliases_found.genre_id,
        source_genres.source_genre
    from source_genres
    left join aliases_found
        on
            source_genres.source_genre = aliases_found.source_genre
            and aliases_found.alias_rank = 1

)

select * from mapped
