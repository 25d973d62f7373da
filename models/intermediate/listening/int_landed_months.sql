{#- By day first: truncating a thousand days to their month costs nothing, every play a lot. #}

with

user_events as (

    select * from {{ ref('stg_playback__user_events') }}

),

days as (

    select
        cast(ended_at as date) as ended_on,
        count(*) as play_count,
        sum(listening_ms) as listening_ms
    from user_events
    group by cast(ended_at as date)

),

months as (

    select
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        {{ first_of_month('ended_on') }} as played_month
    from days
    group by {{ first_of_month('ended_on') }}

)

select * from months
