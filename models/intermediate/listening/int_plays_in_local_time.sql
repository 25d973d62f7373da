{{ config(materialized='view') }}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

user_clocks as (

    select * from {{ ref('int_user_clocks') }}

),

final as (

    select
        plays.event_id,
        plays.user_key,
        plays.track_key,
        plays.artist_key,
        plays.listening_ms,
        plays.is_skip,
        plays.is_listen,
        plays.is_complete,
        plays.played_month,
        plays.started_at,
        plays.ended_at,
        {{ milliseconds_later(
            'plays.started_at', '60000 * user_clocks.utc_offset_minutes'
        ) }} as local_started_at
    from plays
    inner join user_clocks
        on
            plays.user_key = user_clocks.user_key
            and plays.started_at >= user_clocks.starts_at
            and plays.started_at < user_clocks.ends_at

)

select * from final
