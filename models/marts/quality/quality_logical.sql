{#-
    Metric, what is divided by what, the bounds of the plausible, its unit and description. Bounds
    are wide: they tell broken plays from sound ones, not lifelike ones from others.
-#}
{%- set metrics = [
    ('skip_rate', 'skip_count', 'timed_play_count', 0.005, 0.7, 'share of plays',
        'Plays under 30 seconds that are not complete.'),
    ('completion_rate', 'complete_count', 'measured_play_count', 0.2, 0.99, 'share of plays',
        'Plays of at least 80 % of the track.'),
    ('plays_per_listener_day', 'play_count', 'day_count', 0.5, 300, 'plays',
        'Plays per listener and day of the calendar, days without a play included.'),
    ('tracks_per_session', 'play_count', 'session_count', 1.1, 60, 'plays',
        'Plays in a listening session.'),
    ('tracks_per_listener', 'track_count', 'user_count', 2, 100000, 'tracks',
        'Distinct tracks that a listener has played, mean over all whom the ledger covers.'),
    ('artists_per_listener', 'artist_count', 'user_count', 1.2, 50000, 'artists',
        'Distinct artists that a listener has played, mean over all whom the ledger covers.'),
    ('track_diversity', 'track_count', 'play_count', 0.0005, 0.95, 'share of plays',
        'Distinct tracks of a listener for each of their plays.'),
    ('artist_diversity', 'artist_diversity', 'diverse_user_count', 0.1, 0.9999, 'probability',
        'Simpson index: chance that two plays of a listener are not of one artist, mean over those'
        ~ ' with two plays.'),
] -%}

{#- Fewer plays say too little: the metric is given and not judged. -#}
{%- set enough_plays = 1000 -%}

with

users as (

    select * from {{ ref('dim_users') }}

),

user_calendars as (

    select * from {{ ref('int_user_calendars') }}

),

edge_list as (

    select * from {{ ref('edge_list') }}

),

sessions as (

    select * from {{ ref('fct_listening_sessions') }}

),

user_artists as (

    select
        user_key,
        artist_key,
        sum(play_count) as play_count,
        sum(case when total_ms_played is not null then play_count end) as timed_play_count,
        sum(case when avg_completion_ratio is not null then play_count end)
            as measured_play_count,
        count(*) as track_count
    from edge_list
    group by user_key, artist_key

),

user_tracks as (

    select
        user_key,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(timed_play_count) as bigint) as timed_play_count,
        cast(sum(measured_play_count) as bigint) as measured_play_count,
        cast(sum(track_count) as bigint) as track_count,
        count(*) as artist_count,
        cast(sum(play_count * (play_count - 1)) as bigint) as same_artist_pair_count
    from user_artists
    group by user_key

),

user_sessions as (

    select
        user_key,
        count(*) as session_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count
    from sessions
    group by user_key

),

{#- A ratio a listener is summed as a decimal, so that the order of the sum does not matter. #}

user_totals as (

    select
        users.user_type,
        user_calendars.day_count,
        user_tracks.play_count,
        user_tracks.timed_play_count,
        user_tracks.measured_play_count,
        user_sessions.skip_count,
        user_sessions.complete_count,
        user_tracks.track_count,
        user_tracks.artist_count,
        user_sessions.session_count,
        case
            when user_tracks.play_count > 1
                then cast(
                    1 - cast(user_tracks.same_artist_pair_count as double)
                    / (user_tracks.play_count * (user_tracks.play_count - 1))
                    as decimal(18, 9)
                )
        end as artist_diversity
    from users
    inner join user_calendars
        on users.user_key = user_calendars.user_key
    left join user_tracks
        on users.user_key = user_tracks.user_key
    left join user_sessions
        on users.user_key = user_sessions.user_key

),

segmented as (

    select
        'all' as segment_type,
        'all' as segment_value,
        *
    from user_totals
    union all
    select
        'user_type' as segment_type,
        user_type as segment_value,
        *
    from user_totals
    where user_type is not null

),

segments as (

    select
        segment_type,
        segment_value,
        count(*) as user_count,
        count(artist_diversity) as diverse_user_count,
        sum(artist_diversity) as artist_diversity,
        sum(day_count) as day_count,
        coalesce(sum(play_count), 0) as play_count,
        sum(timed_play_count) as timed_play_count,
        sum(measured_play_count) as measured_play_count,
        sum(skip_count) as skip_count,
        sum(complete_count) as complete_count,
        coalesce(sum(track_count), 0) as track_count,
        coalesce(sum(artist_count), 0) as artist_count,
        sum(session_count) as session_count
    from segmented
    group by segment_type, segment_value

),

definitions as (

    {% for name, _, _, low, high, unit, description in metrics %}
        select
            '{{ name }}' as metric_name,
            '{{ unit }}' as unit,
            '{{ description }}' as description,
            cast({{ low }} as double) as expected_low,
            cast({{ high }} as double) as expected_high
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

metrics as (

    select
        definitions.metric_name,
        segments.segment_type,
        segments.segment_value,
        definitions.unit,
        definitions.description,
        segments.play_count,
        case definitions.metric_name
            {% for name, numerator, denominator, _, _, _, _ in metrics %}
                when '{{ name }}'
                    then
                        cast(segments.{{ numerator }} as double)
                        / nullif(segments.{{ denominator }}, 0)
            {% endfor %}
        end as value,
        definitions.expected_low,
        definitions.expected_high
    from segments
    cross join definitions

),

final as (

    select
        metric_name,
        segment_type,
        segment_value,
        unit,
        description,
        value,
        expected_low,
        expected_high,
        play_count < {{ enough_plays }}
        or value is null
        or value between expected_low and expected_high as is_passed
    from metrics

)

select * from final
