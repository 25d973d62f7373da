with

user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

edge_list as (

    select * from {{ ref('edge_list') }}

),

graph_listens as (

    select * from {{ ref('graph_listens') }}

),

graph_users as (

    select * from {{ ref('graph_users') }}

),

user_plays as (

    select
        user_key,
        sum(play_count) as play_count,
        sum(listening_ms) as listening_ms
    from user_track_months
    group by user_key

),

user_edges as (

    select
        user_key,
        sum(play_count) as play_count,
        sum(total_ms_played) as listening_ms
    from edge_list
    group by user_key

),

user_graph_edges as (

    select
        graph_users.user_key,
        sum(
            graph_listens.train_play_count
            + graph_listens.validation_play_count
            + graph_listens.test_play_count
        ) as play_count
    from graph_listens
    left join graph_users
        on graph_listens.source_index = graph_users.node_index
    group by graph_users.user_key

),

edges_match_user_track_months as (

    select
        'edges_match_user_track_months' as check_name,
        'Listeners whose edges differ from agg_user_track_months in plays or listening time.'
            as description,
        count(
            case
                when
                    user_plays.play_count = user_edges.play_count
                    and user_plays.listening_ms = user_edges.listening_ms
                    then 1
            end
        ) as matching_count,
        count(*) as checked_count
    from user_plays
    full outer join user_edges
        on user_plays.user_key = user_edges.user_key

),

graph_listens_match_edges as (

    select
        'graph_listens_match_edges' as check_name,
        'Listeners whose plays of all splits in graph_listens differ from edge_list in number.'
            as description,
        count(case when user_edges.play_count = user_graph_edges.play_count then 1 end)
            as matching_count,
        count(*) as checked_count
    from user_edges
    full outer join user_graph_edges
        on user_edges.user_key = user_graph_edges.user_key

),

checks as (

    select * from edges_match_user_track_months
    union all
    select * from graph_listens_match_edges

),

final as (

    select
        check_name,
        'all' as subject,
        'reconciliation' as category,
        'error' as severity,
        description,
        checked_count - matching_count as failing_count,
        cast(0 as bigint) as tolerated_count,
        checked_count
    from checks

)

select * from final
