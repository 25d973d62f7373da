{{ built_by('session_month') }}

with

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

sessions as (

    select
        listening_session_id,
        min(user_key) as user_key,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(session_month) as session_month,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from half_hours
    where {{ is_to_build(ref('agg_user_half_hours'), 'session_month') }}
    group by listening_session_id

)

select * from sessions
