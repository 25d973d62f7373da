with

user_hours as (

    select * from {{ ref('int_user_hours') }}

),

hours as (

    select
        user_key,
        {{ year_of('local_month') }} as wrapped_year,
        local_hour,
        cast(sum(listen_count) as bigint) as listen_count,
        sum(listening_ms) as listening_ms
    from user_hours
    where {{ is_in_wrapped_window('local_month') }}
    group by user_key, {{ year_of('local_month') }}, local_hour

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
