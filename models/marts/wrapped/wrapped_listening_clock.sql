with

user_hours as (

    select * from {{ ref('int_user_hours') }}

),

hours as (

    select
        user_key,
        wrapped_year,
        local_hour,
        cast(sum(listen_count) as bigint) as listen_count,
        sum(listening_ms) as listening_ms
    from user_hours
    where wrapped_year is not null
    group by user_key, wrapped_year, local_hour
    having sum(listen_count) > 0

),

final as (

    select
        user_key,
        wrapped_year,
        local_hour,
        listen_count,
        {{ minutes_of('listening_ms') }} as minutes
    from hours

)

select * from final
