{#- Positions 1 to n sum to n (n + 1) / 2: sums by month need no sort of the plays. #}

with

plays as (

    select
        count(*) as play_count,
        sum(listening_ms) as listening_ms,
        sum(session_position) as position_sum,
        session_month,
        played_month
    from {{ ref('fct_plays') }}
    group by session_month, played_month

),

landed_months as (

    select * from {{ ref('int_landed_months') }}

),

sessions as (

    select
        play_count * (play_count + 1) / 2 as play_count,
        0 as listening_ms,
        session_month
    from {{ ref('fct_listening_sessions') }}

),

positions as (

    select
        position_sum as play_count,
        0 as listening_ms,
        session_month
    from plays

),

differing as (

    {{ periods_that_differ('plays', 'landed_months', 'played_month') }}
    union all
    {{ periods_that_differ('positions', 'sessions', 'session_month') }}

)

select * from differing
