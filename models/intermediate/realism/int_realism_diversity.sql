{#- From which play on Heaps' law is fitted, and digits kept of sums of floats. -#}
{%- set first_play, digits = 20, 6 -%}
{%- set top_artists = 10 -%}
{#- Preferred genres that a rank correlation takes. -#}
{%- set least_genres = 3 -%}

with

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_matched

),

{#- Tastes are scored by the hidden truth, for the listeners who stand for everybody. #}

sampled_plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_sampled and window_days = 365

),

track_genres as (

    select *
    from {{ ref('bridge_track_genres') }}
    where is_primary

),

preferences as (

    select * from {{ ref('stg_playback__user_genre_preferences') }}

),

so_far as (

    select
        user_key,
        window_days,
        user_position,
        count(case when hearing = 1 then 1 end) over (
            partition by user_key, window_days
            order by user_position
            rows between unbounded preceding and current row
        ) as track_count
    from plays

),

{#- Heaps' law: ln(distinct tracks so far) is linear in ln(plays so far). #}

discoveries as (

    select
        user_key,
        window_days,
        round(
            regr_slope(ln(cast(track_count as double)), ln(cast(user_position as double))),
            {{ digits }}
        ) as heaps_exponent_tracks
    from so_far
    where user_position >= {{ first_play }}
    group by user_key, window_days
    having count(*) > 1

),

tracks as (

    select
        user_key,
        window_days,
        track_key,
        min(artist_key) as artist_key,
        count(*) as play_count
    from plays
    group by user_key, window_days, track_key

),

ranked_tracks as (

    select
        *,
        row_number() over (
            partition by user_key, window_days
            order by play_count
        ) as ascending_rank
    from tracks

),

track_spreads as (

    select
        user_key,
        window_days,
        1 - count(*) / cast(sum(play_count) as double) as repeat_share,
        {{ gini('play_count', 'ascending_rank') }} as gini_tracks_within_listener
    from ranked_tracks
    group by user_key, window_days

),

artists as (

    select
        user_key,
        window_days,
        artist_key,
        sum(play_count) as play_count
    from tracks
    group by user_key, window_days, artist_key

),

ranked_artists as (

    select
        *,
        row_number() over (
            partition by user_key, window_days
            order by play_count desc
        ) as artist_rank
    from artists

),

artist_spreads as (

    select
        user_key,
        window_days,
        cast(sum(case when artist_rank <= {{ top_artists }} then play_count end) as double)
        / sum(play_count) as top_10_artists_share
    from ranked_artists
    group by user_key, window_days

),

genre_plays as (

    select
        sampled_plays.user_key,
        track_genres.genre_id,
        count(*) as play_count
    from sampled_plays
    inner join track_genres
        on sampled_plays.track_key = track_genres.track_key
    group by sampled_plays.user_key, track_genres.genre_id

),

listeners as (

    select distinct user_key
    from sampled_plays

),

preferred as (

    select
        preferences.user_key,
        preferences.affinity_score,
        preferences.genre_id,
        coalesce(genre_plays.play_count, 0) as play_count
    from preferences
    inner join listeners
        on preferences.user_key = listeners.user_key
    left join genre_plays
        on
            preferences.user_key = genre_plays.user_key
            and preferences.genre_id = genre_plays.genre_id

),

{#- Spearman's correlation is Pearson's of the ranks; of equals, all have the mean rank. #}

ranked_genres as (

    select
        user_key,
        rank() over (partition by user_key order by affinity_score)
        + count(*) over (partition by user_key, affinity_score) / cast(2 as double)
            as affinity_rank,
        rank() over (partition by user_key order by play_count)
        + count(*) over (partition by user_key, play_count) / cast(2 as double) as play_rank
    from preferred

),

correlations as (

    select
        user_key,
        365 as window_days,
        'genre_affinity_correlation' as statistic,
        round(corr(affinity_rank, play_rank), {{ digits }}) as statistic_value
    from ranked_genres
    group by user_key
    having
        count(*) >= {{ least_genres }}
        and min(affinity_rank) < max(affinity_rank)
        and min(play_rank) < max(play_rank)

),

diversity as (

    select
        track_spreads.*,
        artist_spreads.top_10_artists_share,
        discoveries.heaps_exponent_tracks
    from track_spreads
    inner join artist_spreads
        on
            track_spreads.user_key = artist_spreads.user_key
            and track_spreads.window_days = artist_spreads.window_days
    left join discoveries
        on
            track_spreads.user_key = discoveries.user_key
            and track_spreads.window_days = discoveries.window_days

)

{{ statistic_rows('diversity', [
    'repeat_share',
    'heaps_exponent_tracks',
    'gini_tracks_within_listener',
    'top_10_artists_share',
]) }}
union all
select
    user_key,
    window_days,
    statistic,
    statistic_value
from correlations
