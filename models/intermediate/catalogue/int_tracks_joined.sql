with

tracks_reviewed as (

    select * from {{ ref('int_tracks_reviewed') }}

),

tracks_matched as (

    select * from {{ ref('int_tracks_matched') }}

),

world as (

    select * from {{ ref('stg_playback__world') }}

),

aged as (

    select
        tracks_reviewed.track_key,
        tracks_reviewed.artist_key,
        coalesce(tracks_reviewed.album_name, tracks_matched.album_name) as album_name,
        tracks_matched.source_genre,
        tracks_reviewed.release_precision,
        tracks_reviewed.track_number,
        tracks_reviewed.is_imported,
        tracks_reviewed.is_duration_estimated,
        tracks_reviewed.released_on,
        case
            when tracks_reviewed.released_on is not null
                then greatest(
                    0, {{ dbt.datediff('tracks_reviewed.released_on', 'world.starts_on', 'month') }}
                )
        end as months_since_release
    from tracks_reviewed
    left join tracks_matched
        on tracks_reviewed.track_key = tracks_matched.track_key
    cross join world
    where tracks_reviewed.exclusion_reason is null

),

extremes as (

    select
        min(months_since_release) as newest,
        max(months_since_release) as oldest
    from aged

),

scored as (

    select
        aged.track_key,
        aged.artist_key,
        aged.album_name,
        aged.source_genre,
        aged.release_precision,
        aged.track_number,
        case
            when aged.months_since_release is null then null
            when extremes.oldest = extremes.newest then cast(1 as double)
            else
                cast(extremes.oldest - aged.months_since_release as double)
                / (extremes.oldest - extremes.newest)
        end as newness_score,
        aged.is_imported,
        aged.is_duration_estimated,
        aged.released_on
    from aged
    cross join extremes

)

select * from scored
