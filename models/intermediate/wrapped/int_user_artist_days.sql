with

plays as (

    select * from {{ ref('fct_plays') }}

),

user_timezone_periods as (

    select * from {{ ref('int_user_timezone_periods') }}

),

plays_on_local_days as (

    select
        plays.user_key,
        plays.artist_key,
        plays.listening_ms,
        cast({{ dbt.dateadd(
            'minute', 'user_timezone_periods.utc_offset_minutes', 'plays.started_at'
        ) }} as date) as played_on
    from plays
    inner join user_timezone_periods
        on
            plays.user_key = user_timezone_periods.user_key
            and plays.started_at >= user_timezone_periods.starts_at
            and plays.started_at < user_timezone_periods.ends_at

),

artist_days as (

    select
        user_key,
        artist_key,
        count(*) as play_count,
        count(case when {{ is_listen('listening_ms') }} then 1 end) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        played_on
    from plays_on_local_days
    group by user_key, artist_key, played_on

),

final as (

    select
        user_key,
        artist_key,
        {{ year_of('played_on') }} as wrapped_year,
        play_count,
        listen_count,
        listening_ms,
        played_on
    from artist_days
    where {{ is_in_wrapped_window('played_on') }}

)

select * from final
