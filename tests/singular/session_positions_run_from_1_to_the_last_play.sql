{#- Positions 1 to n sum to n (n + 1) / 2: compared by month, which needs no sort of the plays. #}

with

plays as (

    select * from {{ ref('fct_plays') }}

),

sessions as (

    select * from {{ ref('fct_listening_sessions') }}

),

positions as (

    select
        session_month,
        sum(session_position) as position_sum
    from plays
    group by session_month

),

expected_positions as (

    select
        session_month,
        sum(play_count * (play_count + 1) / 2) as position_sum
    from sessions
    group by session_month

),

differing as (

    select
        expected_positions.session_month,
        positions.position_sum,
        expected_positions.position_sum as expected_position_sum
    from expected_positions
    left join positions
        on expected_positions.session_month = positions.session_month
    where
        positions.position_sum is null
        or positions.position_sum <> expected_positions.position_sum

)

select * from differing
