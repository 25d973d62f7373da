with

plays as (

    select * from {{ ref('int_plays_in_local_time') }}

),

hours as (

    select
        user_key,
        {{ year_of('local_started_at') }} as wrapped_year,
        cast(extract(hour from local_started_at) as integer) as local_hour,
        count(*) filter (where {{ is_listen('listening_ms') }}) as listen_count,
        sum(listening_ms) as listening_ms
    from plays
    where {{ is_in_wrapped_window('local_started_at') }}
    group by
        user_key,
        {{ year_of('local_started_at') }},
        extract(hour from local_started_at)

),

final as (

    select
        user_key,
        wrapped_year,
        local_hour,
        listen_count,
        {{ minutes_of('listening_ms') }} as minutes
    from hours
    where listen_count > 0

)

select * from final
