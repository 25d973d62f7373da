{{ built_by('played_month') }}

with

plays as (

    select
        user_key,
        artist_key,
        listening_ms,
        is_listen,
        played_month,
        ended_at,
        cast(local_started_at as date) as played_on
    from {{ ref('int_plays_in_local_time') }}

),

user_artist_months as (

    select
        user_key,
        artist_key,
        cast(count(*) as integer) as play_count,
        cast(count(*) filter (where is_listen) as integer) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        bit_or(
            case when is_listen then {{ day_bit('extract(day from played_on)') }} else 0 end
        ) as listen_days,
        played_month,
        {{ first_of_month('played_on') }} as local_month
    from plays
    where {{ is_to_build(ref('int_landed_months'), 'played_month', 'ended_at') }}
    group by user_key, artist_key, played_month, {{ first_of_month('played_on') }}

),

final as (

    select
        user_key,
        artist_key,
        {{ wrapped_year_of('local_month') }} as wrapped_year,
        play_count,
        listen_count,
        listening_ms,
        listen_days,
        played_month,
        local_month
    from user_artist_months

)

select * from final
