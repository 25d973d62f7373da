with

tracks_reviewed as (

    select * from {{ ref('int_tracks_reviewed') }}

),

world as (

    select * from {{ ref('stg_playback__world') }}

),

aged as (

    select
        tracks_reviewed.*,
        greatest(
            0, {{ dbt.datediff('tracks_reviewed.released_on', 'world.starts_on', 'month') }}
        ) as months_since_release
    from tracks_reviewed
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
            when extremes.oldest = extremes.newest then cast(1 as double)
            else
                cast(extremes.oldest - aged.months_since_release as double)
                / (extremes.oldest - extremes.newest)
        end as newness_score,
        aged.released_on
    from aged
    cross join extremes

)

select * from scored
