-- depends_on: {{ ref('int_landed_months') }}
{{
    config(
        materialized='incremental',
        incremental_strategy=replacing_months(),
        unique_key='played_month',
        partition_by='played_month',
        on_schema_change='fail'
    )
}}

with

user_events as (

    select * from {{ ref('stg_playback__user_events') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

user_feed_windows as (

    select * from {{ ref('int_user_feed_windows') }}

),

{% if is_incremental() %}

    landed_months as (

        select * from {{ ref('int_landed_months') }}

    ),

    standing_months as (

        select * from {{ this }}

    ),

    stale_months as (

        {{ months_that_differ('landed_months', 'standing_months', 'played_month') }}

    ),

    first_stale_month as (

        select min(played_month) as starts_on
        from stale_months

    ),

{% endif %}

plays as (

    select
        event_id,
        user_key,
        track_key,
        listening_ms,
        cast(ended_at as date) as ended_on,
        {{ play_started_at('ended_at', 'listening_ms') }} as started_at,
        ended_at
    from user_events

    {%- if is_incremental() %}
        where ended_at >= (
            select {{ dbt.dateadd('day', -1, 'first_stale_month.starts_on') }}
            from first_stale_month
        )
    {%- endif %}

),

{#- Sorted with nothing else to carry: what a sort moves is most of what it costs. #}

plays_and_their_previous as (

    select
        event_id,
        cast(ended_at as date) as ended_on,
        started_at,
        lag(event_id) over listener as previous_event_id,
        lag(ended_at) over listener as previous_ended_at
    from plays
    window listener as (
        partition by user_key
        order by event_id
    )

),

{#- By day first, as the month of every play would cost more than all the rest. #}

days_in_order as (

    select
        count(case when event_id = previous_event_id then 1 end) as repeated_count,
        count(case when started_at < previous_ended_at then 1 end) as overlapping_count,
        ended_on
    from plays_and_their_previous
    group by ended_on

),

faults as (

    select
        plays.listening_ms,
        users.user_key is null as has_unknown_user,
        tracks.track_key is null as has_unknown_track,
        plays.listening_ms < 0 as is_negative,
        plays.listening_ms > tracks.duration_ms as is_longer_than_track,
        plays.ended_on < tracks.released_on as is_before_release,
        plays.ended_on < users.registered_on as is_before_registration,
        user_feed_windows.user_key is null
        or plays.ended_on < user_feed_windows.window_starts_on
        or plays.ended_on > user_feed_windows.window_ends_on as is_outside_ledger,
        plays.ended_on
    from plays
    left join users
        on plays.user_key = users.user_key
    left join tracks
        on plays.track_key = tracks.track_key
    left join user_feed_windows
        on plays.user_key = user_feed_windows.user_key

),

days as (

    select
        count(*) as play_count,
        count(case when has_unknown_user then 1 end) as unknown_user_count,
        count(case when has_unknown_track then 1 end) as unknown_track_count,
        count(case when is_negative then 1 end) as negative_count,
        count(case when is_longer_than_track then 1 end) as longer_than_track_count,
        count(case when is_before_release then 1 end) as before_release_count,
        count(case when is_before_registration then 1 end) as before_registration_count,
        count(case when is_outside_ledger then 1 end) as outside_ledger_count,
        sum(listening_ms) as listening_ms,
        ended_on
    from faults
    group by ended_on

),

months as (

    select
        cast(sum(days.play_count) as bigint) as play_count,
        cast(sum(days.unknown_user_count) as bigint) as unknown_user_count,
        cast(sum(days.unknown_track_count) as bigint) as unknown_track_count,
        cast(sum(days.negative_count) as bigint) as negative_count,
        cast(sum(days.longer_than_track_count) as bigint) as longer_than_track_count,
        cast(sum(days_in_order.repeated_count) as bigint) as repeated_count,
        cast(sum(days_in_order.overlapping_count) as bigint) as overlapping_count,
        cast(sum(days.before_release_count) as bigint) as before_release_count,
        cast(sum(days.before_registration_count) as bigint) as before_registration_count,
        cast(sum(days.outside_ledger_count) as bigint) as outside_ledger_count,
        cast(sum(days.listening_ms) as bigint) as listening_ms,
        {{ first_of_month('days.ended_on') }} as played_month
    from days
    inner join days_in_order
        on days.ended_on = days_in_order.ended_on

    {%- if is_incremental() %}
        where days.ended_on >= (select first_stale_month.starts_on from first_stale_month)
    {%- endif %}

    group by {{ first_of_month('days.ended_on') }}

)

select * from months
