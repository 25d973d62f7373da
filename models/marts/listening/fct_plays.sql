{{ config(materialized='view') }}

{#-
    The clock is looked up for a half hour, not for each of its plays: no clock changes twice between
    the start of a play and the end of its half hour's last one.
-#}

{%- set utc_offset_ms %}
60000 * case
    when plays.started_at < half_hours.clock_starts_at then half_hours.earlier_utc_offset_minutes
    else half_hours.utc_offset_minutes
end
{%- endset %}
{%- set local_started_at = milliseconds_later('plays.started_at', utc_offset_ms) %}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

user_clocks as (

    select * from {{ ref('int_user_clocks') }}

),

half_hours_and_clocks as (

    select
        half_hours.listening_session_id,
        half_hours.first_event_id,
        half_hours.user_key,
        half_hours.earlier_play_count,
        half_hours.session_month,
        half_hours.played_month,
        half_hours.half_hour_at,
        user_clocks.utc_offset_minutes,
        user_clocks.earlier_utc_offset_minutes,
        user_clocks.starts_at as clock_starts_at
    from half_hours
    inner join user_clocks
        on
            half_hours.user_key = user_clocks.user_key
            and half_hours.ended_at >= user_clocks.starts_at
            and half_hours.ended_at < user_clocks.ends_at

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
        cast(extract(hour from {{ local_started_at }}) as integer) as local_hour,
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
    inner join half_hours_and_clocks as half_hours
        on
            plays.user_key = half_hours.user_key
            and plays.half_hour_at = half_hours.half_hour_at

)

select * from final
