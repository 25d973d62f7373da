with

plays as (

    select * from {{ ref('int_realism_plays') }}

),

sessions as (

    select
        user_key,
        session_number,
        is_sampled,
        is_matched,
        min(user_position) as first_position,
        count(*) as play_count
    from plays
    group by user_key, session_number, is_sampled, is_matched

)

select * from sessions
