with

plays as (

    select * from {{ ref('fct_plays') }}

),

plays_by_month as (

    select
        count(*) as play_count,
        sum(listening_ms) as listening_ms,
        played_month
    from plays
    group by played_month

),

landed_months as (

    select * from {{ ref('int_landed_months') }}

),

differing as (

    {{ periods_that_differ('plays_by_month', 'landed_months', 'played_month') }}

)

select * from differing
