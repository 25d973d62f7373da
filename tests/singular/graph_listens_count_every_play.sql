with

graph_listens as (

    select sum(train_play_count + validation_play_count + test_play_count) as play_count
    from {{ ref('graph_listens') }}

),

fct_plays as (

    select count(*) as play_count
    from {{ ref('fct_plays') }}

)

select
    fct_plays.play_count,
    coalesce(graph_listens.play_count, 0) as edge_play_count
from fct_plays
cross join graph_listens
where fct_plays.play_count <> coalesce(graph_listens.play_count, 0)
