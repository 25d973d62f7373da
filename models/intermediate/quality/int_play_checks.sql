{%- set compared = 'of the first ' ~ var('ordered_listeners') ~ ' listeners' -%}

{#- Check, the fault that fails it, what is checked, its category and description. -#}
{%- set checks = [
    ('plays_of_known_listeners', 'unknown_user', 'play_count', 'reference',
        'Plays whose listener is not in dim_users.'),
    ('plays_of_known_tracks', 'unknown_track', 'play_count', 'reference',
        'Plays whose track is not in dim_tracks.'),
    ('listening_time_not_negative', 'negative', 'play_count', 'measure',
        'Plays with a listening time under 0.'),
    ('listening_time_within_duration', 'longer_than_track', 'play_count', 'measure',
        'Plays listened to for longer than the track lasts.'),
    ('plays_do_not_overlap', 'overlapping', 'ordered_play_count', 'time',
        'Plays that begin before the previous play of the listener has ended'
        ~ ' (' ~ compared ~ ').'),
    ('plays_after_release', 'before_release', 'play_count', 'time',
        'Plays that end before the day the track was released (UTC).'),
    ('plays_after_registration', 'before_registration', 'play_count', 'time',
        'Plays that end before the day the listener registered (UTC).'),
    ('plays_inside_ledger_windows', 'outside_ledger', 'play_count', 'reconciliation',
        'Plays that end outside the days that the ledger has for their listener.'),
] -%}

with

play_faults as (

    select * from {{ ref('int_play_faults') }}

),

user_event_ranges as (

    select * from {{ ref('int_user_event_ranges') }}

),

totals as (

    select
        {%- for _, fault, _, _, _ in checks %}
            coalesce(sum({{ fault }}_count), 0) as {{ fault }}_count,
        {%- endfor %}
        coalesce(sum(repeated_count), 0) as repeated_count,
        coalesce(sum(ordered_play_count), 0) as ordered_play_count,
        coalesce(sum(play_count), 0) as play_count
    from play_faults

),

{#-
    Ids are unique if no listener has one twice and no two listeners share a range: that needs
    neither a sort nor a hash of all the ids.
#}

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

checks as (

    select
        'event_ids_unique' as check_name,
        'key' as category,
        'Plays that repeat an event id ({{ compared }}), and listeners whose ids reach into'
        || ' those of another.' as description,
        totals.repeated_count + shared_event_ranges.range_count as failing_count,
        totals.ordered_play_count as checked_count
    from totals
    cross join shared_event_ranges

    {%- for check_name, fault, checked, category, description in checks %}
        union all
        select
            '{{ check_name }}' as check_name,
            '{{ category }}' as category,
            '{{ description }}' as description,
            {{ fault }}_count as failing_count,
            {{ checked }} as checked_count
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
