{#- From which play on Heaps' law is fitted, and digits kept of the slope: a sum of floats. -#}
{%- set first_play, digits = 20, 6 -%}
{%- set top_artists = 10 -%}

with

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_matched

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

repertoires as (

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

{{ statistic_rows('repertoires', [
    'repeat_share',
    'heaps_exponent_tracks',
    'gini_tracks_within_listener',
    'top_10_artists_share',
]) }}
