{#- The reference reads its curves of stopping from tracks of this length. -#}
{%- set shortest_track_ms, longest_track_ms = 180000, 300000 -%}
{#- Skips by position are read from sessions of at least this many plays. -#}
{%- set long_session_plays = 10 -%}
{#- The hour that is put where each listener plays least: their night. -#}
{%- set quietest_hour = 4 -%}

with

like_users as (

    select user_key
    from {{ ref('int_realism_user_windows') }}
    where
        window_days = 365
        and is_like_reference

),

plays as (

    select plays.*
    from {{ ref('int_realism_plays') }} as plays
    inner join like_users
        on plays.user_key = like_users.user_key

),

sessions as (

    select sessions.*
    from {{ ref('int_realism_sessions') }} as sessions
    inner join like_users
        on sessions.user_key = like_users.user_key
    where sessions.window_days = 365

),

numbers as (

    {{ dbt.generate_series(24) }}

),

user_hours as (

    select
        user_key,
        ended_hour,
        count(*) as play_count
    from plays
    group by user_key, ended_hour

),

{#- Hours without a play are the quietest, so all are listed; of equals the earliest counts. #}

user_hours_by_quiet as (

    select
        like_users.user_key,
        numbers.generated_number - 1 as ended_hour,
        row_number() over (
            partition by like_users.user_key
            order by coalesce(user_hours.play_count, 0), numbers.generated_number
        ) as quiet_rank
    from like_users
    cross join numbers
    left join user_hours
        on
            like_users.user_key = user_hours.user_key
            and numbers.generated_number - 1 = user_hours.ended_hour

),

turned_hours as (

    select
        mod(
            user_hours.ended_hour - quietest.ended_hour + 24 + {{ quietest_hour }}, 24
        ) as turned_hour,
        user_hours.play_count
    from user_hours
    inner join user_hours_by_quiet as quietest
        on user_hours.user_key = quietest.user_key
    where quietest.quiet_rank = 1

),

plays_of_measured_tracks as (

    select *
    from plays
    where duration_ms between {{ shortest_track_ms }} and {{ longest_track_ms }}

),

{#- Rounded up, a play counts from the first whole unit that it had not passed when it stopped. #}

listened_seconds as (

    select
        'listened_seconds' as quantity,
        cast(ceil(listening_ms / cast(1000 as double)) as bigint) as quantity_value,
        count(*) as value_count,
        0 as skip_count
    from plays_of_measured_tracks
    group by cast(ceil(listening_ms / cast(1000 as double)) as bigint)

),

listened_percents as (

    select
        'listened_percent' as quantity,
        cast(ceil(cast(100 as double) * listening_ms / duration_ms) as bigint) as quantity_value,
        count(*) as value_count,
        0 as skip_count
    from plays_of_measured_tracks
    group by cast(ceil(cast(100 as double) * listening_ms / duration_ms) as bigint)

),

days as (

    select
        ended_on,
        count(*) as play_count
    from plays
    group by ended_on

),

{#- 1970-01-04 was a Sunday. #}

days_of_week as (

    select
        'day_of_week' as quantity,
        mod({{ dbt.datediff("cast('1970-01-04' as date)", 'ended_on', 'day') }}, 7)
            as quantity_value,
        sum(play_count) as value_count,
        0 as skip_count
    from days
    group by mod({{ dbt.datediff("cast('1970-01-04' as date)", 'ended_on', 'day') }}, 7)

),

hours_of_day as (

    select
        'turned_hour' as quantity,
        turned_hour as quantity_value,
        sum(play_count) as value_count,
        0 as skip_count
    from turned_hours
    group by turned_hour

),

session_lengths as (

    select
        'session_plays' as quantity,
        play_count as quantity_value,
        count(*) as value_count,
        0 as skip_count
    from sessions
    group by play_count

),

session_positions as (

    select
        'session_position' as quantity,
        plays.user_position - sessions.first_position + 1 as quantity_value,
        count(*) as value_count,
        count(*) filter (where plays.is_skip) as skip_count
    from plays
    inner join sessions
        on plays.listening_session_id = sessions.listening_session_id
    where sessions.play_count >= {{ long_session_plays }}
    group by plays.user_position - sessions.first_position + 1

),

pauses as (

    select
        case
            when is_session_continued then 'pause_within_session_ms'
            else 'pause_between_sessions_ms'
        end as quantity,
        pause_ms as quantity_value,
        count(*) as value_count,
        0 as skip_count
    from plays
    where pause_ms is not null
    group by is_session_continued, pause_ms

),

repeat_lags as (

    select
        'repeat_lag' as quantity,
        user_position - previous_track_position as quantity_value,
        count(*) as value_count,
        0 as skip_count
    from plays
    where previous_track_position is not null
    group by user_position - previous_track_position

),

distributions as (

    select * from listened_seconds
    union all
    select * from listened_percents
    union all
    select * from days_of_week
    union all
    select * from hours_of_day
    union all
    select * from session_lengths
    union all
    select * from session_positions
    union all
    select * from pauses
    union all
    select * from repeat_lags

),

final as (

    select
        quantity,
        cast(quantity_value as bigint) as quantity_value,
        cast(value_count as bigint) as value_count,
        cast(skip_count as bigint) as skip_count
    from distributions

)

select * from final
