{{ config(materialized='view') }}

with

user_events as (

    select * from {{ ref('stg_playback__user_events') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

final as (

    select
        user_events.event_id,
        user_events.user_key,
        user_events.track_key,
        tracks.artist_key,
        user_events.context_type,
        user_events.reason_start,
        user_events.reason_end,
        user_events.listening_ms,
        tracks.duration_ms,
        {{ completion_ratio('user_events.listening_ms', 'tracks.duration_ms') }}
            as completion_ratio,
        {{ is_skip('user_events.listening_ms', 'tracks.duration_ms') }} as is_skip,
        {{ is_listen('user_events.listening_ms', 'tracks.duration_ms') }} as is_listen,
        {{ is_complete('user_events.listening_ms', 'tracks.duration_ms') }} as is_complete,
        user_events.is_shuffle,
        user_events.is_offline,
        {{ first_of_month('user_events.ended_at') }} as played_month,
        {{ half_hour_of('user_events.ended_at') }} as half_hour_at,
        {{ milliseconds_later(
            'user_events.ended_at', '-coalesce(user_events.listening_ms, 0)'
        ) }} as started_at,
        user_events.ended_at
    from user_events
    inner join tracks
        on user_events.track_key = tracks.track_key

)

select * from final
