with

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

artist_source_genres as (

    select * from {{ ref('int_artist_source_genres') }}

),

genres as (

    select * from {{ ref('genres') }}

),

evidenced as (

    select
        artist_source_genres.artist_key,
        genres.genre_id,
        genres.genre_rank,
        case
            when count(*) filter (where artist_source_genres.evidence = 'artist') > 0
                then 'artist'
            else 'track'
        end as evidence,
        cast(sum(artist_source_genres.occurrence_count) as bigint) as evidence_count
    from artist_source_genres
    inner join genres
        on artist_source_genres.genre_id = genres.genre_id
    group by
        artist_source_genres.artist_key,
        genres.genre_id,
        genres.genre_rank

),

ranked as (

    select
        artist_key,
        genre_id,
        evidence,
        cast(
            row_number() over (
                partition by artist_key
                order by evidence_count desc, genre_rank asc
            ) as integer
        ) as genre_position
    from evidenced

),

artists_without_evidence as (

    select distinct artist_key
    from tracks_joined
    where
        not is_imported
        and artist_key not in (select evidenced.artist_key from evidenced)

),

most_popular_rank as (

    select coalesce(min(genre_rank), 1) as genre_rank
    from evidenced

),

fallback as (

    select
        artists_without_evidence.artist_key,
        genres.genre_id,
        'fallback' as evidence,
        1 as genre_position
    from artists_without_evidence
    cross join most_popular_rank
    inner join genres
        on most_popular_rank.genre_rank = genres.genre_rank

),

unioned as (

    select * from ranked
    where genre_position <= 3
    union all
    select * from fallback

),

final as (

    select
        *,
        genre_position = 1 as is_primary
    from unioned

)

select * from final
