with

plays as (

    select * from {{ ref('int_plays_in_local_time') }}

),

artist_days as (

    select
        user_key,
        artist_key,
        count(*) as play_count,
        count(*) filter (where {{ is_listen('listening_ms') }}) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        cast(local_started_at as date) as played_on
    from plays
    group by user_key, artist_key, cast(local_started_at as date)

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
