with

tracks_joined as (

    select * from {{ ref('int_tracks_joined') }}

),

world as (

    select * from {{ ref('stg_playback__world') }}

),

aged as (

    select
        tracks_joined.track_key,
        tracks_joined.artist_key,
        tracks_joined.release_precision,
        tracks_joined.released_on,
        greatest(
            0, {{ dbt.datediff('tracks_joined.released_on', 'world.starts_on', 'month') }}
        ) as months_since_release
    from tracks_joined
    cross join world

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
        aged.release_precision,
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
