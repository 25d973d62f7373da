{{ config(materialized='view') }}

with

plays as (

    select * from {{ ref('int_plays_in_local_time') }}

),

final as (

    select
        event_id,
        user_key,
        track_key,
        {{ year_of('local_started_at') }} as wrapped_year,
        listening_ms,
        is_skip,
        is_listen,
        is_complete,
        played_month,
        started_at
    from plays
    where
        {{ is_divided_month('ended_at') }}
        and {{ is_in_wrapped_window('local_started_at') }}

)

select * from final
