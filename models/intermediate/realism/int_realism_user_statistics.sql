{#- Statistic of a listener in a window, and what is divided by what. -#}
{%- set ratios = [
    ('active_day_share', 'active_day_count', 'day_count'),
    ('weekend_to_weekday_ratio', '5 * weekend_count', '(2 * (play_count - weekend_count))'),
    ('stopped_under_5s_share', 'under_5s_count', 'play_count'),
    ('stopped_under_10s_share', 'under_10s_count', 'play_count'),
    ('stopped_under_30s_share', 'skip_count', 'play_count'),
    ('next_same_track_share', 'same_track_count', 'follower_count'),
    ('next_same_artist_share', 'same_artist_count', 'follower_count'),
    ('skip_after_skip_share', 'skip_after_skip_count', 'after_skip_count'),
    ('skip_after_play_share', 'skip_after_play_count', 'after_play_count'),
    ('tracks_per_session_mean', 'play_count', 'session_count'),
    ('single_track_session_share', 'single_track_session_count', 'session_count'),
    ('sessions_per_active_day', 'session_count', 'active_day_count'),
    ('repeat_share', '(play_count - track_count)', 'play_count'),
    ('top_10_artists_share', 'top_artists_play_count', 'play_count'),
] -%}
{#- Statistic, and the column that it is already. -#}
{%- set measures = [
    ('tracks_per_session_median', 'session_tracks_median'),
    ('gini_tracks_within_listener', 'track_gini'),
    ('heaps_exponent_tracks', 'heaps_exponent'),
] -%}
{%- set top_artists = 10 -%}

with

like_user_windows as (

    select * from {{ ref('int_realism_like_user_windows') }}

),

sessions as (

    select * from {{ ref('int_realism_sessions') }}

),

user_tracks as (

    select user_tracks.*
    from {{ ref('int_realism_user_tracks') }} as user_tracks
    inner join like_user_windows
        on
            user_tracks.user_key = like_user_windows.user_key
            and user_tracks.window_days = like_user_windows.window_days

),

user_sessions as (

    select
        user_key,
        window_days,
        count(*) as session_count,
        count(*) filter (where play_count = 1) as single_track_session_count,
        {{ quantile('play_count', 0.5) }} as session_tracks_median
    from sessions
    group by user_key, window_days

),

ranked_user_tracks as (

    select
        user_key,
        window_days,
        play_count,
        row_number() over (
            partition by user_key, window_days
            order by play_count
        ) as ascending_rank
    from user_tracks

),

user_track_spread as (

    select
        user_key,
        window_days,
        count(*) as track_count,
        {{ gini('play_count', 'ascending_rank') }} as track_gini
    from ranked_user_tracks
    group by user_key, window_days

),

user_artists as (

    select
        user_key,
        window_days,
        artist_key,
        sum(play_count) as play_count
    from user_tracks
    group by user_key, window_days, artist_key

),

ranked_user_artists as (

    select
        user_key,
        window_days,
        play_count,
        row_number() over (
            partition by user_key, window_days
            order by play_count desc
        ) as artist_rank
    from user_artists

),

user_top_artists as (

    select
        user_key,
        window_days,
        sum(play_count) as top_artists_play_count
    from ranked_user_artists
    where artist_rank <= {{ top_artists }}
    group by user_key, window_days

),

joined as (

    select
        like_user_windows.*,
        user_sessions.session_count,
        user_sessions.single_track_session_count,
        user_sessions.session_tracks_median,
        user_track_spread.track_count,
        user_track_spread.track_gini,
        user_top_artists.top_artists_play_count
    from like_user_windows
    inner join user_sessions
        on
            like_user_windows.user_key = user_sessions.user_key
            and like_user_windows.window_days = user_sessions.window_days
    inner join user_track_spread
        on
            like_user_windows.user_key = user_track_spread.user_key
            and like_user_windows.window_days = user_track_spread.window_days
    inner join user_top_artists
        on
            like_user_windows.user_key = user_top_artists.user_key
            and like_user_windows.window_days = user_top_artists.window_days

),

names as (

    {{ text_rows('statistic', (ratios + measures) | map('first')) }}

),

statistics as (

    select
        joined.user_key,
        names.statistic,
        joined.window_days,
        case names.statistic
            {% for statistic, numerator, denominator in ratios %}
                when '{{ statistic }}'
                    then cast({{ numerator }} as double) / nullif({{ denominator }}, 0)
            {% endfor %}
            {% for statistic, measure in measures %}
                when '{{ statistic }}' then cast({{ measure }} as double)
            {% endfor %}
        end as statistic_value
    from joined
    cross join names

),

final as (

    select *
    from statistics
    where statistic_value is not null

)

select * from final
