with

edge_list as (

    select sum(play_count) as play_count
    from {{ ref('edge_list') }}

),

fct_plays as (

    select count(*) as play_count
    from {{ ref('fct_plays') }}

)

select
    fct_plays.play_count,
    coalesce(edge_list.play_count, 0) as edge_play_count
from fct_plays
cross join edge_list
where fct_plays.play_count <> coalesce(edge_list.play_count, 0)
