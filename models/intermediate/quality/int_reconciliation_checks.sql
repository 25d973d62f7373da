{#- Check, the two tables that must hold the same plays, and its description. -#}
{%- set checks = [
    ('landed_plays_match_ledger', 'landed_plays', 'ledger',
        'Months whose landed plays differ from the ledger in number.'),
    ('half_hours_match_landed_plays', 'half_hours', 'landed_months',
        'Months of agg_user_half_hours that differ from the landed plays in plays or listening'
        ~ ' time.'),
    ('user_track_months_match_landed_plays', 'user_track_months', 'landed_months',
        'Months of agg_user_track_months that differ from the landed plays in plays or listening'
        ~ ' time.'),
    ('sessions_match_half_hours', 'sessions', 'session_half_hours',
        'Months of fct_listening_sessions that differ from agg_user_half_hours in plays or'
        ~ ' listening time.'),
] -%}

with

landed_months as (

    select
        play_count,
        listening_ms,
        played_month as month_on
    from {{ ref('int_landed_months') }}

),

landed_plays as (

    select
        play_count,
        0 as listening_ms,
        month_on
    from landed_months

),

ledger as (

    select
        sum(play_count) as play_count,
        0 as listening_ms,
        {{ first_of_month('window_starts_on') }} as month_on
    from {{ ref('stg_playback__simulation_batches') }}
    group by {{ first_of_month('window_starts_on') }}

),

half_hours as (

    select
        sum(play_count) as play_count,
        sum(listening_ms) as listening_ms,
        played_month as month_on
    from {{ ref('agg_user_half_hours') }}
    group by played_month

),

session_half_hours as (

    select
        sum(play_count) as play_count,
        sum(listening_ms) as listening_ms,
        session_month as month_on
    from {{ ref('agg_user_half_hours') }}
    group by session_month

),

sessions as (

    select
        sum(play_count) as play_count,
        sum(listening_ms) as listening_ms,
        session_month as month_on
    from {{ ref('fct_listening_sessions') }}
    group by session_month

),

user_track_months as (

    select
        sum(play_count) as play_count,
        sum(listening_ms) as listening_ms,
        played_month as month_on
    from {{ ref('agg_user_track_months') }}
    group by played_month

),

{% for check_name, source, target, _ in checks %}

    {{ check_name }} as (

        {{ periods_that_differ(source, target, 'month_on') }}

    ),

{% endfor %}

checks as (

    {% for check_name, _, target, description in checks %}
        select
            '{{ check_name }}' as check_name,
            '{{ description }}' as description,
            (select count(*) from {{ check_name }}) as failing_count,
            (select count(*) from {{ target }}) as checked_count
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

final as (

    select
        check_name,
        'all' as subject,
        'reconciliation' as category,
        'error' as severity,
        description,
        failing_count,
        cast(0 as bigint) as tolerated_count,
        checked_count
    from checks

)

select * from final
