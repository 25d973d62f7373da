{#-
    Plays land in the order of each listener, a stretch of days of one listener after another. So the
    play that lies before is the previous one, which costs a tenth of a sort; only where stretches
    begin it is looked for, and only plays that did not land in order are sorted. Plays as they landed
    are a text and no CTE: what two CTEs read is kept whole, which here would be every play.
-#}
{{ built_by('played_month') }}

{%- set landed_months = ref('int_landed_months') %}
{%- if is_incremental() %}
    {%- set months = periods_to_build(landed_months, 'played_month') %}
    {%- set first_moment = 'cast(' ~ (months[0] if months else 'null') ~ ' as timestamp)' %}
{%- endif %}

{%- set plays_as_landed -%}
    select
        event_id,
        user_key,
        cast(ended_at as date) as ended_on,
        {{ milliseconds_later('ended_at', '-listening_ms') }} as started_at,
        ended_at,
        row_number() over ({{ order_of_landing() }}) as place,
        lag(user_key) over ({{ order_of_landing() }}) as previous_user_key,
        lag(event_id) over ({{ order_of_landing() }}) as previous_event_id,
        lag(ended_at) over ({{ order_of_landing() }}) as previous_ended_at
    from {{ ref('stg_playback__user_events') }}
    {%- if is_incremental() %}
        where ended_at >= {{ dbt.dateadd('day', -1, first_moment) }}
    {%- endif %}
{%- endset %}

with

user_events as (

    select * from {{ ref('stg_playback__user_events') }}

),

{#-
    Devices that were offline tell of overlapping plays, people wind back, and a track comes out
    again later: what no simulated play does, a real one may.
#}

users as (

    select * from {{ ref('dim_users') }}

),

imported_users as (

    select user_key
    from users
    where is_imported

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

user_calendars as (

    select * from {{ ref('int_user_calendars') }}

),

plays as (

    select
        user_key,
        track_key,
        listening_ms,
        cast(ended_at as date) as ended_on
    from user_events

    {%- if is_incremental() %}
        where ended_at >= {{ first_moment }}
    {%- endif %}

),

stretch_starts as (

    select *
    from ({{ plays_as_landed }}) as plays_as_landed
    where
        previous_user_key is null
        or user_key <> previous_user_key
        or event_id < previous_event_id

),

stretch_bounds as (

    select
        user_key,
        event_id,
        ended_on,
        started_at,
        ended_at,
        place,
        1 as is_start
    from stretch_starts
    union all
    select
        previous_user_key as user_key,
        previous_event_id as event_id,
        null as ended_on,
        null as started_at,
        previous_ended_at as ended_at,
        place - 1 as place,
        0 as is_start
    from stretch_starts
    where previous_user_key is not null

),

stretch_bounds_and_their_previous as (

    select
        *,
        lag(event_id) over listener as previous_event_id,
        lag(ended_at) over listener as previous_ended_at
    from stretch_bounds
    window listener as (
        partition by user_key
        order by place asc, is_start desc
    )

),

unordered_users as (

    select distinct user_key
    from stretch_bounds_and_their_previous
    where is_start = 1 and event_id < previous_event_id

),

unordered_plays as (

    select
        event_id,
        user_key,
        cast(ended_at as date) as ended_on,
        {{ milliseconds_later('ended_at', '-listening_ms') }} as started_at,
        lag(event_id) over listener as previous_event_id,
        lag(ended_at) over listener as previous_ended_at
    from user_events
    where user_key in (select unordered_users.user_key from unordered_users)
    window listener as (
        partition by user_key
        order by event_id
    )

),

plays_and_their_previous as (

    select
        event_id,
        user_key,
        previous_event_id,
        ended_on,
        started_at,
        previous_ended_at
    from ({{ plays_as_landed }}) as plays_as_landed
    where
        user_key = previous_user_key
        and event_id >= previous_event_id
        and user_key not in (select unordered_users.user_key from unordered_users)
    union all
    select
        event_id,
        user_key,
        previous_event_id,
        ended_on,
        started_at,
        previous_ended_at
    from stretch_bounds_and_their_previous
    where
        is_start = 1
        and user_key not in (select unordered_users.user_key from unordered_users)
    union all
    select
        event_id,
        user_key,
        previous_event_id,
        ended_on,
        started_at,
        previous_ended_at
    from unordered_plays

),

{#- By day first, as the month of every play would cost more than all the rest. #}

days_in_order as (

    select
        count(*) filter (where event_id = previous_event_id) as repeated_count,
        count(*) filter (
            where
            started_at < previous_ended_at
            and user_key not in (select imported_users.user_key from imported_users)
        ) as overlapping_count,
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
        plays.listening_ms > tracks.duration_ms
        and not users.is_imported as is_longer_than_track,
        plays.ended_on < tracks.released_on and not users.is_imported as is_before_release,
        plays.ended_on < users.registered_on as is_before_registration,
        user_calendars.user_key is null
        or plays.ended_on < user_calendars.window_starts_on
        or plays.ended_on > user_calendars.window_ends_on as is_outside_ledger,
        plays.ended_on
    from plays
    left join users
        on plays.user_key = users.user_key
    left join tracks
        on plays.track_key = tracks.track_key
    left join user_calendars
        on plays.user_key = user_calendars.user_key

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
