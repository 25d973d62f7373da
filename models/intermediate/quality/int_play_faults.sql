-- depends_on: {{ ref('int_landed_months') }}
{{
    config(
        materialized='incremental',
        incremental_strategy=replacing_periods(),
        unique_key='played_month',
        partition_by='played_month',
        on_schema_change='fail'
    )
}}

with

user_events as (

    select * from {{ ref('stg_playback__user_events') }}

),

{#-
    The first listeners are as good a sample as any, and stay the sample when others join. Read by
    itself: what two CTEs read is kept whole, which here would be every play.
#}

sampled_user_events as (

    select * from {{ ref('stg_playback__user_events') }}
    where user_key < {{ var('ordered_listeners') }}

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

        {{ periods_that_differ('landed_months', 'standing_months', 'played_month') }}

    ),

    first_stale_month as (

        select min(played_month) as starts_on
        from stale_months

    ),

{% endif %}

plays as (

    select
        user_key,
        track_key,
        listening_ms,
        cast(ended_at as date) as ended_on
    from user_events

    {%- if is_incremental() %}
        where ended_at >= (
            select cast(first_stale_month.starts_on as timestamp)
            from first_stale_month
        )
    {%- endif %}

),

{#- Sorted with nothing else to carry: what a sort moves is most of what it costs. #}

plays_and_their_previous as (

    select
        event_id,
        cast(ended_at as date) as ended_on,
        {{ milliseconds_later('ended_at', '-listening_ms') }} as started_at,
        lag(event_id) over listener as previous_event_id,
        lag(ended_at) over listener as previous_ended_at
    from sampled_user_events

    {%- if is_incremental() %}
        where ended_at >= (
            select {{ dbt.dateadd('day', -1, 'first_stale_month.starts_on') }}
            from first_stale_month
        )
    {%- endif %}

    window listener as (
        partition by user_key
        order by event_id
    )

),

{#- By day first, as the month of every play would cost more than all the rest. #}

days_in_order as (

    select
        count(*) as ordered_play_count,
        count(*) filter (where event_id = previous_event_id) as repeated_count,
        count(*) filter (where started_at < previous_ended_at) as overlapping_count,
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
        count(*) filter (where has_unknown_user) as unknown_user_count,
        count(*) filter (where has_unknown_track) as unknown_track_count,
        count(*) filter (where is_negative) as negative_count,
        count(*) filter (where is_longer_than_track) as longer_than_track_count,
        count(*) filter (where is_before_release) as before_release_count,
        count(*) filter (where is_before_registration) as before_registration_count,
        count(*) filter (where is_outside_ledger) as outside_ledger_count,
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
        cast(coalesce(sum(days_in_order.ordered_play_count), 0) as bigint)
            as ordered_play_count,
        cast(coalesce(sum(days_in_order.repeated_count), 0) as bigint) as repeated_count,
        cast(coalesce(sum(days_in_order.overlapping_count), 0) as bigint) as overlapping_count,
        cast(sum(days.before_release_count) as bigint) as before_release_count,
        cast(sum(days.before_registration_count) as bigint) as before_registration_count,
        cast(sum(days.outside_ledger_count) as bigint) as outside_ledger_count,
        cast(sum(days.listening_ms) as bigint) as listening_ms,
        {{ first_of_month('days.ended_on') }} as played_month
    from days
    left join days_in_order
        on days.ended_on = days_in_order.ended_on
    group by {{ first_of_month('days.ended_on') }}

)

select * from months
