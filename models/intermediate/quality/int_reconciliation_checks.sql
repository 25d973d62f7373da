{#- Check, the two tables that must hold the same plays, by what, and its description. -#}
{%- set checks = [
    ('half_hours_match_landed_plays', 'half_hours', 'landed_months', 'played_month',
        'Months of agg_user_half_hours that differ from the landed plays in plays or listening'
        ~ ' time.'),
    ('user_track_months_match_landed_plays', 'user_track_months', 'landed_months', 'played_month',
        'Months of agg_user_track_months that differ from the landed plays in plays or listening'
        ~ ' time.'),
    ('sessions_match_half_hours', 'sessions', 'half_hours', 'session_month',
        'Months of fct_listening_sessions that differ from agg_user_half_hours in plays or'
        ~ ' listening time.'),
    ('edges_match_sessions', 'edges', 'sessions', 'user_key',
        'Listeners whose edges differ from their sessions in plays or listening time.'),
] -%}

with

landed_months as (

    select * from {{ ref('int_landed_months') }}

),

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

sessions as (

    select * from {{ ref('fct_listening_sessions') }}

),

edges as (

    select
        *,
        total_ms_played as listening_ms
    from {{ ref('edge_list') }}

),

graph_listens as (

    select * from {{ ref('graph_listens') }}

),

{% for check_name, source, target, period, _ in checks %}

    {{ check_name }} as (

        {{ periods_that_differ(source, target, period) }}

    ),

{% endfor %}

edge_plays as (

    select coalesce(sum(play_count), 0) as play_count
    from edges

),

graph_plays as (

    select sum(train_play_count + validation_play_count + test_play_count) as play_count
    from graph_listens

),

checks as (

    {% for check_name, _, target, period, description in checks %}
        select
            '{{ check_name }}' as check_name,
            '{{ description }}' as description,
            (select count(*) from {{ check_name }}) as failing_count,
            (select count(distinct {{ period }}) from {{ target }}) as checked_count
        union all
    {% endfor %}
    select
        'graph_listens_match_edges' as check_name,
        'Plays by which graph_listens, over all splits, differs from edge_list.' as description,
        abs(edge_plays.play_count - coalesce(graph_plays.play_count, 0)) as failing_count,
        edge_plays.play_count as checked_count
    from edge_plays
    cross join graph_plays

),

final as (

    select
        check_name,
        'all' as subject,
        'reconciliation' as category,
        'error' as severity,
        description,
        cast(failing_count as bigint) as failing_count,
        cast(0 as bigint) as tolerated_count,
        cast(checked_count as bigint) as checked_count
    from checks

)

select * from final
