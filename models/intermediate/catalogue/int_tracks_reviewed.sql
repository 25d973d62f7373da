with

tracks as (

    select
        track_key,
        {{ folded_text('track_name') }} as folded_track_name,
        {{ folded_text('release_date_text') }} as folded_release_date,
        is_repeated
    from {{ ref('stg_catalogue__tracks') }}

),

tracks_dated as (

    select * from {{ ref('int_tracks_dated') }}

),

tracks_matched as (

    select * from {{ ref('int_tracks_matched') }}

),

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

reviewed as (

    select
        tracks.track_key,
        case
            when tracks_joined.track_key is not null then null
            when tracks.is_repeated then 'id_repeated'
            when tracks.folded_track_name is null then 'name_missing'
            when tracks.folded_release_date is null then 'release_date_missing'
            when tracks_dated.track_key is null then 'release_date_absurd'
            when tracks_matched.track_key is null then 'not_in_tracks_extended'
            else 'artist_unknown'
        end as exclusion_reason
    from tracks
    left join tracks_dated
        on tracks.track_key = tracks_dated.track_key
    left join tracks_matched
        on tracks.track_key = tracks_matched.track_key
    left join tracks_joined
        on tracks.track_key = tracks_joined.track_key

)

select * from reviewed
