with

user_events as (

    select * from {{ ref('stg_playback__user_events') }}

),

ranges as (

    select
        user_key,
        min(event_id) as first_event_id,
        max(event_id) as last_event_id
    from user_events
    group by user_key

)

select * from ranges
