{#-
    Quantity, the plays or sessions it is counted over, its value, and which of them count. Rounded
    up, a play counts from the first whole second or percent that it had not passed when it stopped.
    Hours are turned so that each listener's quietest one is hour 4. 1970-01-04 was a Sunday.
-#}
{%- set of_measured_tracks = 'duration_ms between 180000 and 300000' -%}
{%- set quantities = [
    ('listened_seconds', 'plays', 'ceil(listening_ms / cast(1000 as double))', of_measured_tracks),
    ('listened_percent', 'plays', 'ceil(cast(100 as double) * listening_ms / duration_ms)',
        of_measured_tracks),
    ('day_of_week', 'plays',
        'mod(' ~ dbt.datediff("cast('1970-01-04' as date)", 'ended_on', 'day') ~ ', 7)', 'true'),
    ('turned_hour', 'plays', 'mod(ended_hour - quiet_hour + 24 + 4, 24)', 'true'),
    ('session_position', 'plays', 'session_position', 'session_play_count >= 10'),
    ('session_plays', 'sessions', 'play_count', 'true'),
    ('pause_within_session_ms', 'plays', 'greatest(pause_ms, 0)', 'not is_session_start'),
    ('repeat_lag', 'plays', 'user_position - previous_hearing_position', 'hearing > 1'),
] -%}

with

matched_plays as (

    select
        *,
        mod(cast(floor(ended_minute / cast(60 as double)) as bigint), 24) as ended_hour
    from {{ ref('int_realism_plays') }}
    where is_matched and window_days = 365

),

users as (

    select *
    from {{ ref('int_realism_users') }}
    where is_matched

),

numbers as (

    {{ dbt.generate_series(24) }}

),

sessions as (

    select
        user_key,
        session_first_position,
        count(*) as play_count,
        false as is_skip
    from matched_plays
    group by user_key, session_first_position

),

user_hours as (

    select
        user_key,
        ended_hour,
        count(*) as play_count
    from matched_plays
    group by user_key, ended_hour

),

{#- Hours without a play are the quietest, so all are listed; of equals the earliest counts. #}

user_hours_by_quiet as (

    select
        users.user_key,
        numbers.generated_number - 1 as quiet_hour,
        row_number() over (
            partition by users.user_key
            order by coalesce(user_hours.play_count, 0), numbers.generated_number
        ) as quiet_rank
    from users
    cross join numbers
    left join user_hours
        on
            users.user_key = user_hours.user_key
            and numbers.generated_number - 1 = user_hours.ended_hour

),

quiet_hours as (

    select
        user_key,
        quiet_hour
    from user_hours_by_quiet
    where quiet_rank = 1

),

plays as (

    select
        matched_plays.*,
        quiet_hours.quiet_hour,
        sessions.play_count as session_play_count
    from matched_plays
    inner join sessions
        on
            matched_plays.user_key = sessions.user_key
            and matched_plays.session_first_position = sessions.session_first_position
    inner join quiet_hours
        on matched_plays.user_key = quiet_hours.user_key

),

distributions as (

    {% for quantity, counted, quantity_value, condition in quantities %}
        select
            '{{ quantity }}' as quantity,
            user_key,
            cast({{ quantity_value }} as bigint) as quantity_value,
            count(*) as value_count,
            count(*) filter (where is_skip) as skip_count
        from {{ counted }}
        where {{ condition }}
        group by user_key, cast({{ quantity_value }} as bigint)
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from distributions
