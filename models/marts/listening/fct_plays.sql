{{ config(materialized='view') }}

with

plays as (

    select * from {{ ref('int_plays_in_local_time') }}

),

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

final as (

    select
        plays.event_id,
        half_hours.listening_session_id,
        plays.user_key,
        plays.track_key,
        plays.artist_key,
        plays.context_type,
        plays.reason_start,
        plays.reason_end,
        {{ session_position('plays', 'half_hours') }} as session_position,
        cast(extract(hour from plays.local_started_at) as integer) as local_hour,
        plays.listening_ms,
        plays.duration_ms,
        plays.completion_ratio,
        plays.is_skip,
        plays.is_complete,
        plays.is_shuffle,
        plays.is_offline,
        half_hours.session_month,
        half_hours.played_month,
        plays.started_at,
        plays.ended_at
    from plays
    inner join half_hours
        on
            plays.user_key = half_hours.user_key
            and plays.half_hour_at = half_hours.half_hour_at

)

select * from final
