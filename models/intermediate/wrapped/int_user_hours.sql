{{ built_by('played_month') }}

with

plays as (

    select * from {{ ref('int_plays_in_local_time') }}

),

user_hours as (

    select
        user_key,
        cast(extract(hour from local_started_at) as integer) as local_hour,
        cast(count(*) as integer) as play_count,
        cast(count(*) filter (where is_listen) as integer) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        played_month,
        cast(local_started_at as date) as played_on
    from plays
    where {{ is_to_build(ref('int_landed_months'), 'played_month', 'ended_at') }}
    group by
        user_key,
        extract(hour from local_started_at),
        played_month,
        cast(local_started_at as date)

),

final as (

    select
        user_key,
        {{ wrapped_year_of('played_on') }} as wrapped_year,
        local_hour,
        play_count,
        listen_count,
        listening_ms,
        played_month,
        played_on
    from user_hours

)

select * from final
