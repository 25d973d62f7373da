with

plays as (

    select * from {{ ref('fct_plays') }}

),

divided_month_plays as (

    select * from {{ ref('int_divided_month_plays') }}

),

{#- By month first: a thousand listeners have a few hundred thousand such hours, not millions. #}

month_hours as (

    select
        user_key,
        local_hour,
        count(case when {{ is_listen('listening_ms') }} then 1 end) as listen_count,
        sum(listening_ms) as listening_ms,
        played_month
    from plays
    group by user_key, local_hour, played_month

),

hours as (

    select
        user_key,
        {{ year_of('played_month') }} as wrapped_year,
        local_hour,
        listen_count,
        listening_ms
    from month_hours
    where {{ is_whole_month('played_month') }}
    union all
    select
        user_key,
        wrapped_year,
        local_hour,
        count(case when {{ is_listen('listening_ms') }} then 1 end) as listen_count,
        sum(listening_ms) as listening_ms
    from divided_month_plays
    group by user_key, wrapped_year, local_hour

),

final as (

    select
        user_key,
        wrapped_year,
        local_hour,
        cast(sum(listen_count) as bigint) as listen_count,
        {{ minutes_of('sum(listening_ms)') }} as minutes
    from hours
    group by user_key, wrapped_year, local_hour
    having sum(listen_count) > 0

)

select * from final
