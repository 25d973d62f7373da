with

sessions as (

    select * from {{ ref('fct_listening_sessions') }}

),

edge_list as (

    select * from {{ ref('edge_list') }}

),

graph_listens as (

    select * from {{ ref('graph_listens') }}

),

user_plays as (

    select
        user_key,
        sum(play_count) as play_count,
        sum(listening_ms) as listening_ms
    from sessions
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

edge_plays as (

    select coalesce(sum(play_count), 0) as play_count
    from user_edges

),

graph_plays as (

    select sum(train_play_count + validation_play_count + test_play_count) as play_count
    from graph_listens

),

edges_match_sessions as (

    select
        'edges_match_sessions' as check_name,
        'Listeners whose edges differ from their sessions in plays or listening time.'
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
        'Plays by which graph_listens, over all splits, differs from edge_list.' as description,
        edge_plays.play_count
        - abs(edge_plays.play_count - coalesce(graph_plays.play_count, 0))
            as matching_count,
        edge_plays.play_count as checked_count
    from edge_plays
    cross join graph_plays

),

checks as (

    select * from edges_match_sessions
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
        cast(checked_count - matching_count as bigint) as failing_count,
        cast(0 as bigint) as tolerated_count,
        cast(checked_count as bigint) as checked_count
    from checks

)

select * from final
