{#- Three joins, for one on the name alone would pair every "Intro" with every other. -#}
{%- set agreements = [
    'track_names.folded_artist_name = tracks_extended.folded_artist_name',
    'tracks_extended.folded_artist_name is null',
    'track_names.folded_artist_name is null',
] -%}

with

tracks as (

    select * from {{ ref('stg_catalogue__tracks') }}
    where not is_repeated

),

track_artists as (

    select * from {{ ref('int_track_artists') }}
    where artist_name is not null

),

track_names as (

    select
        tracks.track_key,
        tracks.track_id,
        {{ folded_text('tracks.track_name') }} as folded_track_name,
        {{ folded_text('track_artists.artist_name') }} as folded_artist_name
    from tracks
    left join track_artists
        on tracks.track_key = track_artists.track_key

),

tracks_extended as (

    select
        track_id,
        {{ folded_text('track_name') }} as folded_track_name,
        {{ folded_text('artist_name') }} as folded_artist_name,
        {{ folded_genre('source_genre') }} as source_genre,
        album_name,
        release_year,
        popularity
    from {{ ref('stg_catalogue__tracks_extended') }}

),

{#- Of one name, and of one artist unless either side names none. #}

candidates as (

    {% for agreement in agreements %}
        select
            track_names.track_key,
            track_names.track_id,
            tracks_extended.track_id as extended_track_id,
            tracks_extended.album_name,
            tracks_extended.source_genre,
            tracks_extended.release_year,
            tracks_extended.popularity
        from track_names
        inner join tracks_extended
            on
                track_names.folded_track_name = tracks_extended.folded_track_name
                and {{ agreement }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

ranked as (

    select
        track_key,
        album_name,
        source_genre,
        row_number() over (
            partition by track_key
            order by
                case when track_id = extended_track_id then 0 else 1 end,
                popularity desc nulls last,
                release_year desc nulls last,
                source_genre asc nulls last,
                album_name asc nulls last
        ) as candidate_rank
    from candidates

),

best as (

    select
        track_key,
        album_name,
        source_genre
    from ranked
    where candidate_rank = 1

)

select * from best
