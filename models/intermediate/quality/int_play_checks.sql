{#- Check, the fault that fails it, its category and description. -#}
{%- set checks = [
    ('plays_of_known_listeners', 'unknown_user', 'reference',
        'Plays whose listener is not in dim_users.'),
    ('plays_of_known_tracks', 'unknown_track', 'reference',
        'Plays whose track is not in dim_tracks.'),
    ('listening_time_not_negative', 'negative', 'measure',
        'Plays with a listening time under 0.'),
    ('listening_time_within_duration', 'longer_than_track', 'measure',
        'Plays listened to for longer than the track lasts.'),
    ('plays_do_not_overlap', 'overlapping', 'time',
        'Plays that begin before the previous play of the listener has ended.'),
    ('plays_after_release', 'before_release', 'time',
        'Plays that end before the day the track was released (UTC).'),
    ('plays_after_registration', 'before_registration', 'time',
        'Plays that end before the day the listener registered (UTC).'),
    ('plays_inside_ledger_windows', 'outside_ledger', 'reconciliation',
        'Plays that end outside the days that the ledger has for their listener.'),
] -%}

with

play_faults as (

    select * from {{ ref('int_play_faults') }}

),

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

ledger as (

    select
        play_count,
        0 as listening_ms,
        {{ first_of_month('window_starts_on') }} as played_month
    from {{ ref('stg_playback__simulation_batches') }}

),

landed as (

    select
        play_count,
        0 as listening_ms,
        played_month
    from play_faults

),

totals as (

    select
        {%- for _, fault, _, _ in checks %}
            coalesce(sum({{ fault }}_count), 0) as {{ fault }}_count,
        {%- endfor %}
        coalesce(sum(repeated_count), 0) as repeated_count,
        coalesce(sum(play_count), 0) as play_count
    from play_faults

),

{#-
    Ids are unique if no listener has one twice and no two listeners share a range: that needs
    neither a sort nor a hash of all the ids. Those of a half hour are consecutive.
#}

user_event_ranges as (

    select
        min(first_event_id) as first_event_id,
        max(first_event_id + play_count - 1) as last_event_id
    from half_hours
    group by user_key

),

user_event_ranges_and_their_previous as (

    select
        first_event_id,
        lag(last_event_id) over (order by first_event_id) as previous_last_event_id
    from user_event_ranges

),

shared_event_ranges as (

    select count(*) as range_count
    from user_event_ranges_and_their_previous
    where first_event_id <= previous_last_event_id

),

differing_months as (

    {{ periods_that_differ('landed', 'ledger', 'played_month') }}

),

checks as (

    select
        'event_ids_unique' as check_name,
        'key' as category,
        'Plays that repeat an event id, and listeners whose ids reach into those of another.'
            as description,
        totals.repeated_count + shared_event_ranges.range_count as failing_count,
        totals.play_count as checked_count
    from totals
    cross join shared_event_ranges
    union all
    select
        'landed_plays_match_ledger' as check_name,
        'reconciliation' as category,
        'Months whose landed plays differ from the ledger in number.' as description,
        (select count(*) from differing_months) as failing_count,
        (select count(distinct played_month) from ledger) as checked_count

    {%- for check_name, fault, category, description in checks %}
        union all
        select
            '{{ check_name }}' as check_name,
            '{{ category }}' as category,
            '{{ description }}' as description,
            {{ fault }}_count as failing_count,
            play_count as checked_count
        from totals
    {%- endfor %}

),

final as (

    select
        check_name,
        'all' as subject,
        category,
        'error' as severity,
        description,
        cast(failing_count as bigint) as failing_count,
        cast(0 as bigint) as tolerated_count,
        cast(checked_count as bigint) as checked_count
    from checks

)

select * from final
