{#- Days that the published plays a listener cover. -#}
{%- set published_days = 301 -%}
{#- Older than so many months is catalogue, not new. -#}
{%- set catalogue_months = 18 -%}
{#- The study of artist degrees lists this many artists of each listener, the most played ones. -#}
{%- set listed_artists = 50 -%}
{#-
    The exponents of the power law of whole numbers from 1 and from 10 on, in closed form: Clauset,
    Shalizi and Newman, "Power-law distributions in empirical data", SIAM Review 51, 2009, (3.7).
    Their logarithms are floats, so that the sum is rounded.
-#}
{%- set digits = 6 -%}

{#- Published figure, and what it is of the counts below: shares are of what is known. -#}
{%- set figures = [
    ('listens_per_listener_median', 'plays_median'),
    ('listens_per_listener_mean', 'plays_mean'),
    ('listens_per_listener_p90', 'plays_p90'),
    ('listens_per_listener_p95', 'plays_p95'),
    ('played_ratio_mean', 'cast(played_ratio_sum as double) / measured_count'),
    ('played_ratio_p25', 'played_ratio_p25'),
    ('played_ratio_p50', 'played_ratio_p50'),
    ('played_at_least_half_share', 'cast(at_least_half_count as double) / measured_count'),
    ('stopped_under_5s_share', 'cast(under_5s_count as double) / timed_count'),
    ('stopped_under_10s_share', 'cast(under_10s_count as double) / timed_count'),
    ('stopped_under_30s_share', 'cast(under_30s_count as double) / timed_count'),
    ('stopped_before_end_share', 'cast(before_end_count as double) / measured_count'),
    ('zero_ms_plays_share', 'cast(zero_ms_count as double) / timed_count'),
    ('listeners_never_skip_share', 'cast(never_skip_count as double) / timed_user_count'),
    ('listeners_skip_under_10pct_share',
        'cast(skip_under_10pct_count as double) / timed_user_count'),
    ('listeners_skip_10_to_25pct_share',
        'cast(skip_10_to_25pct_count as double) / timed_user_count'),
    ('listeners_skip_25_to_50pct_share',
        'cast(skip_25_to_50pct_count as double) / timed_user_count'),
    ('listeners_skip_over_50pct_share',
        'cast(skip_over_50pct_count as double) / timed_user_count'),
    ('tracks_per_session_mean', 'cast(play_count as double) / session_count'),
    ('tracks_per_session_median', 'session_plays_median'),
    ('session_survival_10_to_20_tracks',
        'cast(session_20_count as double) / nullif(session_10_count, 0)'),
    ('artists_top_1pct_play_share', 'cast(top_1pct_count as double) / play_count'),
    ('artists_top_10pct_play_share', 'cast(top_10pct_count as double) / play_count'),
    ('artist_degree_power_law_alpha_low', 'exponent_low'),
    ('artist_degree_power_law_alpha_high', 'exponent_high'),
    ('artist_gini_of_plays', 'artist_gini'),
    ('user_artist_density',
        'cast(listing_count as double) / nullif(user_count * listed_artist_count, 0)'),
    ('plays_in_release_year_share', 'cast(release_year_count as double) / dated_count'),
    ('plays_of_last_years_releases_share', 'cast(year_old_count as double) / dated_count'),
    ('plays_of_two_years_old_share', 'cast(two_years_old_count as double) / dated_count'),
    ('plays_of_three_years_old_share', 'cast(three_years_old_count as double) / dated_count'),
    ('plays_of_catalogue_share', 'cast(catalogue_count as double) / dated_count'),
    ('plays_before_release_share', 'cast(before_release_count as double) / dated_count'),
    ('catalogue_heard_share', 'heard_tracks_p90 / nullif(track_count, 0)'),
    ('likes_share', 'cast(like_count as double) / (active_play_count + like_count + dislike_count)'),
    ('dislikes_share',
        'cast(dislike_count as double) / (active_play_count + like_count + dislike_count)'),
    ('likes_per_listener_median', 'likes_median'),
    ('likes_per_listener_p90', 'likes_p90'),
] -%}

with

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_sampled and window_days = 365

),

sessions as (

    select
        user_key,
        session_first_position,
        count(*) as play_count
    from plays
    group by user_key, session_first_position

),

users as (

    select * from {{ ref('int_realism_users') }}

),

activity as (

    select
        *,
        play_count * {{ published_days }} / cast(day_count as double) as published_play_count
    from users

),

artists as (

    select * from {{ ref('dim_artists') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

{#- Plays are counted of every listener; what needs the plays themselves is of the sampled ones. #}

activity_figures as (

    select
        count(*) as active_user_count,
        sum(play_count) as active_play_count,
        {{ quantile('published_play_count', 0.5) }} as plays_median,
        sum(play_count) * {{ published_days }} / cast(count(*) * max(day_count) as double)
            as plays_mean,
        {{ quantile('published_play_count', 0.9) }} as plays_p90,
        {{ quantile('published_play_count', 0.95) }} as plays_p95
    from activity

),

{#- Likes of the year, and per listener who likes at all, in as many days as the plays. #}

user_likes as (

    select
        likes.user_key,
        count(*) filter (where likes.like_value > 0) as like_count,
        count(*) filter (where likes.like_value < 0) as dislike_count,
        count(*) filter (where likes.like_value > 0) * {{ published_days }}
        / cast(max(users.day_count) as double) as published_like_count
    from {{ ref('fct_likes') }} as likes
    inner join users
        on
            likes.user_key = users.user_key
            and cast(likes.liked_at as date) >= users.window_starts_on
    group by likes.user_key

),

like_figures as (

    select
        count(*) filter (where like_count > 0) as liking_user_count,
        sum(like_count) as like_count,
        sum(dislike_count) as dislike_count,
        {{ quantile('case when like_count > 0 then published_like_count end', 0.5) }}
            as likes_median,
        {{ quantile('case when like_count > 0 then published_like_count end', 0.9) }}
            as likes_p90
    from user_likes

),

user_shares as (

    select
        user_key,
        {{ share_of('is_skip') }} as skip_share,
        count(*) filter (where hearing = 1) as heard_track_count
    from plays
    group by user_key

),

user_figures as (

    select
        count(*) as user_count,
        nullif(count(skip_share), 0) as timed_user_count,
        count(*) filter (where skip_share = 0) as never_skip_count,
        count(*) filter (where skip_share > 0 and skip_share < 0.1) as skip_under_10pct_count,
        count(*) filter (where skip_share >= 0.1 and skip_share < 0.25)
            as skip_10_to_25pct_count,
        count(*) filter (where skip_share >= 0.25 and skip_share < 0.5)
            as skip_25_to_50pct_count,
        count(*) filter (where skip_share >= 0.5) as skip_over_50pct_count,
        {{ quantile('heard_track_count', 0.9) }} as heard_tracks_p90
    from user_shares

),

{#- A ratio is summed as a decimal, so that the order of the sum does not matter. #}

track_plays as (

    select
        plays.listening_ms,
        plays.is_skip,
        cast(plays.listening_ms as double) / plays.duration_ms as played_ratio,
        extract(year from plays.ended_on) - extract(year from tracks.released_on)
            as years_since_release,
        plays.ended_on > {{ dbt.dateadd('month', catalogue_months, 'tracks.released_on') }}
            as is_of_catalogue,
        plays.ended_on < tracks.released_on as is_before_release
    from plays
    inner join tracks
        on plays.track_key = tracks.track_key

),

play_figures as (

    select
        count(*) as play_count,
        nullif(count(listening_ms), 0) as timed_count,
        nullif(count(played_ratio), 0) as measured_count,
        nullif(count(years_since_release), 0) as dated_count,
        sum(cast(played_ratio as decimal(18, 9))) as played_ratio_sum,
        {{ quantile('played_ratio', 0.25) }} as played_ratio_p25,
        {{ quantile('played_ratio', 0.5) }} as played_ratio_p50,
        count(*) filter (where played_ratio >= 0.5) as at_least_half_count,
        count(*) filter (where played_ratio < 1) as before_end_count,
        count(*) filter (where listening_ms = 0) as zero_ms_count,
        count(*) filter (where listening_ms < 5000) as under_5s_count,
        count(*) filter (where listening_ms < 10000) as under_10s_count,
        count(*) filter (where is_skip) as under_30s_count,
        count(*) filter (where years_since_release = 0) as release_year_count,
        count(*) filter (where years_since_release = 1) as year_old_count,
        count(*) filter (where years_since_release = 2) as two_years_old_count,
        count(*) filter (where years_since_release = 3) as three_years_old_count,
        count(*) filter (where is_of_catalogue) as catalogue_count,
        count(*) filter (where is_before_release) as before_release_count
    from track_plays

),

catalogue_figures as (

    select count(*) as track_count
    from tracks

),

session_figures as (

    select
        count(*) as session_count,
        {{ quantile('play_count', 0.5) }} as session_plays_median,
        count(*) filter (where play_count >= 10) as session_10_count,
        count(*) filter (where play_count >= 20) as session_20_count
    from sessions

),

{#- How plays concentrate, over all artists of the catalogue, played or not. #}

user_artists as (

    select
        user_key,
        artist_key,
        count(*) as play_count,
        row_number() over (
            partition by user_key
            order by count(*) desc, artist_key asc
        ) as user_rank
    from plays
    group by user_key, artist_key

),

artist_plays as (

    select
        cast(sum(play_count) as bigint) as play_count,
        count(*) filter (where user_rank <= {{ listed_artists }}) as listing_count,
        cast(
            sum(case when user_rank <= {{ listed_artists }} then play_count else 0 end) as bigint
        ) as listed_play_count
    from user_artists
    group by artist_key

),

catalogue_size as (

    select
        greatest(1, floor(count(*) / cast(100 as double))) as top_1pct,
        greatest(1, floor(count(*) / cast(10 as double))) as top_10pct
    from artists

),

ranked_artists as (

    select
        artist_plays.play_count,
        catalogue_size.top_1pct,
        catalogue_size.top_10pct,
        row_number() over (order by artist_plays.play_count desc) as artist_rank
    from artist_plays
    cross join catalogue_size

),

concentration_figures as (

    select
        cast(sum(case when artist_rank <= top_1pct then play_count end) as bigint)
            as top_1pct_count,
        cast(sum(case when artist_rank <= top_10pct then play_count end) as bigint)
            as top_10pct_count
    from ranked_artists

),

{#- How often an artist is among the most played of a listener. #}

listed_artists as (

    select
        listing_count,
        listed_play_count,
        row_number() over (order by listed_play_count) as ascending_rank
    from artist_plays
    where listing_count > 0

),

listing_figures as (

    select
        count(*) as listed_artist_count,
        cast(sum(listing_count) as bigint) as listing_count,
        {{ gini('listed_play_count', 'ascending_rank') }} as artist_gini,
        round(
            1 + count(*) / sum(ln(listing_count / cast(0.5 as double))),
            {{ digits }}
        ) as exponent_low,
        round(
            1 + count(*) filter (where listing_count >= 10)
            / sum(case when listing_count >= 10 then ln(listing_count / cast(9.5 as double)) end),
            {{ digits }}
        ) as exponent_high
    from listed_artists

),

counted as (

    select
        activity_figures.*,
        user_figures.*,
        play_figures.*,
        session_figures.*,
        catalogue_figures.*,
        concentration_figures.*,
        listing_figures.*,
        like_figures.*
    from activity_figures
    cross join user_figures
    cross join play_figures
    cross join session_figures
    cross join catalogue_figures
    cross join concentration_figures
    cross join listing_figures
    cross join like_figures
    where activity_figures.active_user_count > 0

),

names as (

    {{ text_rows('statistic', figures | map('first')) }}

),

published as (

    select
        names.statistic,
        cast(null as integer) as activity_bin,
        case
            when names.statistic like 'listens_per_listener%' then counted.active_user_count
            when names.statistic like '%likes_%' then counted.liking_user_count
            else counted.user_count
        end as user_count,
        case names.statistic
            {% for statistic, expression in figures %}
                when '{{ statistic }}' then cast({{ expression }} as double)
            {% endfor %}
        end as figure
    from counted
    cross join names

),

matched as (

    select
        'matched_listeners' as statistic,
        activity_bin,
        count(*) as user_count,
        cast(count(*) as double) as figure
    from users
    where is_matched
    group by activity_bin

),

final as (

    select * from published
    union all
    select * from matched

)

select * from final
