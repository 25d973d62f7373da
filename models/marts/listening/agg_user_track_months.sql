{{ built_by('played_month') }}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

user_track_months as (

    select
        user_key,
        track_key,
        cast(count(*) as integer) as play_count,
        cast(count(*) filter (where is_listen) as integer) as listen_count,
        cast(count(listening_ms) as integer) as timed_count,
        {{ count_of('is_skip', known='listening_ms') }} as skip_count,
        {{ count_of('is_complete', known='is_complete') }} as complete_count,
        {{ count_of(is_under_30s('listening_ms'), known='listening_ms') }} as under_30s_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        played_month,
        min(started_at) as first_played_at,
        max(ended_at) as last_played_at
    from plays
    where {{ is_to_build(ref('int_landed_months'), 'played_month', 'ended_at') }}
    group by user_key, track_key, played_month

)

select * from user_track_months
