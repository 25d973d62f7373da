with

tracks as (

    select
        *,
        trim(release_date_text) as release_text
    from {{ ref('stg_catalogue__tracks') }}

),

tracks_matched as (

    select * from {{ ref('int_tracks_matched') }}

),

first_artists as (

    select
        track_key,
        artist_id
    from {{ ref('int_track_artists') }}
    where artist_position = 1

),

artists as (

    select * from {{ ref('stg_catalogue__artists') }}

),

imported_tracks as (

    select * from {{ ref('stg_histories__tracks') }}

),

measured as (

    select
        track_key,
        release_text,
        case
            when release_text like '____' then 'year'
            when release_text like '____-__' then 'month'
            when release_text like '____-__-__' then 'day'
        end as release_precision
    from tracks

),

{#- A partial date counts from the middle of what it leaves open. #}

dated as (

    select
        track_key,
        release_precision,
        case release_precision
            when 'year' then try_cast(concat(release_text, '-07-02') as date)
            when 'month' then try_cast(concat(release_text, '-16') as date)
            when 'day' then try_cast(release_text as date)
        end as released_on
    from measured

),

plausible as (

    select *
    from dated
    -- nothing was recorded before 1860, and the simulated calendar ends in 2100
    where extract(year from released_on) between 1860 and 2100

),

{#- Of a history's tracks little more is known than the names: none is left out for that. #}

reviewed as (

    select
        tracks.track_key,
        artists.artist_key,
        tracks.album_name,
        plausible.release_precision,
        imported_tracks.matched_by,
        tracks.track_number,
        case
            when tracks.is_repeated then 'id_repeated'
            when {{ folded_text('tracks.track_name') }} is null then 'name_missing'
            when artists.artist_key is null and imported_tracks.track_key is not null
                then 'artist_unknown'
            when imported_tracks.track_key is not null then null
            when {{ folded_text('tracks.release_date_text') }} is null then 'release_date_missing'
            when plausible.track_key is null then 'release_date_absurd'
            when tracks_matched.track_key is null then 'not_in_tracks_extended'
            when artists.artist_key is null then 'artist_unknown'
        end as exclusion_reason,
        imported_tracks.track_key is not null as is_imported,
        coalesce(imported_tracks.is_duration_estimated, false) as is_duration_estimated,
        plausible.released_on
    from tracks
    left join plausible
        on tracks.track_key = plausible.track_key
    left join tracks_matched
        on tracks.track_key = tracks_matched.track_key
    left join first_artists
        on tracks.track_key = first_artists.track_key
    left join artists
        on first_artists.artist_id = artists.artist_id
    left join imported_tracks
        on tracks.track_key = imported_tracks.track_key

)

select * from reviewed
