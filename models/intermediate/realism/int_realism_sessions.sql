with

plays as (

    select * from {{ ref('int_realism_plays') }}

),

sessions as (

    select
        user_key,
        session_first_position,
        is_sampled,
        is_matched,
        count(*) as play_count
    from plays
    group by user_key, session_first_position, is_sampled, is_matched

)

select * from sessions
