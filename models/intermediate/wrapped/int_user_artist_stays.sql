{#-
    The first four plays of a session show what all of them do, at a quarter of the cost, and give
    long sessions no more say than short ones. One row per session, so that no play has to be sorted.
-#}

{{ built_by('session_month') }}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

sessions as (

    select * from {{ ref('fct_listening_sessions') }}

),

first_plays as (

    select
        half_hours.listening_session_id,
        half_hours.user_key,
        plays.artist_key,
        {{ session_position('plays', 'half_hours') }} as session_position,
        half_hours.session_month
    from plays
    inner join half_hours
        on
            plays.user_key = half_hours.user_key
            and plays.half_hour_at = half_hours.half_hour_at
    where
        half_hours.earlier_play_count < 4
        and {{ is_to_build(
            ref('fct_listening_sessions'), 'session_month', 'plays.ended_at'
        ) }}

),

openings as (

    select
        user_key,
        max(case when session_position = 1 then artist_key end) as first_artist_key,
        max(case when session_position = 2 then artist_key end) as second_artist_key,
        max(case when session_position = 3 then artist_key end) as third_artist_key,
        max(case when session_position = 4 then artist_key end) as fourth_artist_key,
        min(session_month) as session_month
    from first_plays
    where session_position <= 4
    group by user_key, listening_session_id

),

stays as (

    select
        user_key,
        count(second_artist_key) + count(third_artist_key) + count(fourth_artist_key)
            as transition_count,
        count(*) filter (where first_artist_key = second_artist_key)
        + count(*) filter (where second_artist_key = third_artist_key)
        + count(*) filter (where third_artist_key = fourth_artist_key) as stay_count,
        session_month
    from openings
    group by user_key, session_month

),

totals as (

    select
        user_key,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        session_month
    from sessions
    group by user_key, session_month

),

final as (

    select
        totals.user_key,
        totals.play_count,
        stays.transition_count,
        stays.stay_count,
        totals.listening_ms,
        totals.session_month
    from totals
    inner join stays
        on
            totals.user_key = stays.user_key
            and totals.session_month = stays.session_month

)

select * from final
