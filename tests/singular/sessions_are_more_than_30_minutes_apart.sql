with

sessions as (

    select * from {{ ref('fct_listening_sessions') }}

),

sessions_and_their_previous as (

    select
        listening_session_id,
        started_at,
        lag(ended_at) over (
            partition by user_key
            order by listening_session_id
        ) as previous_ended_at
    from sessions

),

too_close as (

    select *
    from sessions_and_their_previous
    where started_at <= {{ dbt.dateadd('minute', 30, 'previous_ended_at') }}

)

select * from too_close
