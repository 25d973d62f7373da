with

plays as (

    select * from {{ ref('int_plays_measured') }}

),

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

sampled_users as (

    select * from {{ ref('int_realism_users') }}

),

measured_days as (

    select min(window_starts_on) as starts_on
    from {{ ref('int_realism_windows') }}

),

{#- The sample is drawn on both sides of the join, so that only its plays have to be joined. #}

sampled_half_hours as (

    select *
    from half_hours
    where
        user_key in (select sampled_users.user_key from sampled_users)
        and ended_at >= (select measured_days.starts_on from measured_days)

),

sampled_plays as (

    select *
    from plays
    where
        user_key in (select sampled_users.user_key from sampled_users)
        and ended_at >= (select measured_days.starts_on from measured_days)

),

sampled_plays_in_sessions as (

    select
        plays.*,
        half_hours.listening_session_id,
        {{ session_position('plays', 'half_hours') }} as session_position,
        cast(plays.ended_at as date) as ended_on
    from sampled_plays as plays
    inner join sampled_half_hours as half_hours
        on
            plays.user_key = half_hours.user_key
            and plays.half_hour_at = half_hours.half_hour_at

),

plays_and_their_previous as (

    select
        *,
        row_number() over listener as user_position,
        lag(track_key) over listener as previous_track_key,
        lag(artist_key) over listener as previous_artist_key,
        lag({{ is_under_30s('listening_ms') }}) over listener as is_previous_skip,
        lag(ended_at) over listener as previous_ended_at
    from sampled_plays_in_sessions
    window listener as (
        partition by user_key
        order by event_id
    )

),

final as (

    select
        user_key,
        listening_session_id,
        track_key,
        artist_key,
        user_position,
        lag(user_position) over (
            partition by user_key, track_key
            order by user_position
        ) as previous_track_position,
        listening_ms,
        duration_ms,
        {{ dbt.datediff('previous_ended_at', 'started_at', 'millisecond') }}
            as pause_ms,
        cast(extract(hour from ended_at) as integer) as ended_hour,
        {{ is_under_30s('listening_ms') }} as is_skip,
        session_position > 1 as is_session_continued,
        coalesce(track_key = previous_track_key, false) as is_same_track,
        coalesce(artist_key = previous_artist_key, false) as is_same_artist,
        coalesce(is_previous_skip, false) as is_after_skip,
        ended_on
    from plays_and_their_previous

)

select * from final
