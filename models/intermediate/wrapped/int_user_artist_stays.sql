{#-
    The first four plays of a session show what all of them do, at a quarter of the cost, and give
    long sessions no more say than short ones. One row a session, so that no play has to be sorted.
-#}

with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

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
    where half_hours.earlier_play_count < 4

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

user_artist_stays as (

    select
        user_key,
        {{ year_of('session_month') }} as wrapped_year,
        count(second_artist_key) + count(third_artist_key) + count(fourth_artist_key)
            as transition_count,
        count(*) filter (where first_artist_key = second_artist_key)
        + count(*) filter (where second_artist_key = third_artist_key)
        + count(*) filter (where third_artist_key = fourth_artist_key) as stay_count
    from openings
    where {{ is_in_wrapped_window('session_month') }}
    group by user_key, {{ year_of('session_month') }}

)

select * from user_artist_stays
