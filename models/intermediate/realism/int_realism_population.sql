{#- Days that the published plays a listener cover. -#}
{%- set published_days = 301 -%}
{#- Older than so many months is catalogue, not new. -#}
{%- set catalogue_months = 18 -%}
{#- The study of artist degrees lists this many artists of each listener, the most played ones. -#}
{%- set listed_artists = 50 -%}
{#- Of the exponents: their logarithms are floats, whose sum differs in its last digits. -#}
{%- set digits = 6 -%}

{#- Published figures, by the relation below that has a column of each. -#}
{%- set figures = {
    'activity': [
        'listens_per_listener_median', 'listens_per_listener_mean', 'listens_per_listener_p90',
        'listens_per_listener_p95',
    ],
    'likes': [
        'likes_share', 'dislikes_share', 'likes_per_listener_median', 'likes_per_listener_p90',
    ],
    'sampled': [
        'played_ratio_mean', 'played_ratio_p25', 'played_ratio_p50', 'played_at_least_half_share',
        'stopped_under_5s_share', 'stopped_under_10s_share', 'stopped_under_30s_share',
        'stopped_before_end_share', 'zero_ms_plays_share',
        'plays_in_release_year_share', 'plays_of_last_years_releases_share',
        'plays_of_two_years_old_share', 'plays_of_three_years_old_share',
        'plays_of_catalogue_share', 'plays_before_release_share',
        'listeners_never_skip_share', 'listeners_skip_under_10pct_share',
        'listeners_skip_10_to_25pct_share', 'listeners_skip_25_to_50pct_share',
        'listeners_skip_over_50pct_share', 'catalogue_heard_share',
        'tracks_per_session_mean', 'tracks_per_session_median',
        'session_survival_10_to_20_tracks',
        'artists_top_1pct_play_share', 'artists_top_10pct_play_share',
        'artist_degree_power_law_alpha_low', 'artist_degree_power_law_alpha_high',
        'artist_gini_of_plays', 'user_artist_density',
    ],
} -%}
{#- Shares of plays and of listeners, and the condition: of those of which it is known. -#}
{%- set play_shares = [
    ('played_at_least_half_share', 'played_ratio >= 0.5'),
    ('stopped_under_5s_share', 'listening_ms < 5000'),
    ('stopped_under_10s_share', 'listening_ms < 10000'),
    ('stopped_under_30s_share', 'is_skip'),
    ('stopped_before_end_share', 'played_ratio < 1'),
    ('zero_ms_plays_share', 'listening_ms = 0'),
    ('plays_in_release_year_share', 'years_since_release = 0'),
    ('plays_of_last_years_releases_share', 'years_since_release = 1'),
    ('plays_of_two_years_old_share', 'years_since_release = 2'),
    ('plays_of_three_years_old_share', 'years_since_release = 3'),
    ('plays_of_catalogue_share', 'is_of_catalogue'),
    ('plays_before_release_share', 'is_before_release'),
] -%}
{%- set listener_shares = [
    ('listeners_never_skip_share', 'skip_share = 0'),
    ('listeners_skip_under_10pct_share', 'skip_share > 0 and skip_share < 0.1'),
    ('listeners_skip_10_to_25pct_share', 'skip_share >= 0.1 and skip_share < 0.25'),
    ('listeners_skip_25_to_50pct_share', 'skip_share >= 0.25 and skip_share < 0.5'),
    ('listeners_skip_over_50pct_share', 'skip_share >= 0.5'),
] -%}

with

users as (

    select * from {{ ref('int_realism_users') }}

),

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_sampled and window_days = 365

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

catalogue as (

    select
        (select count(*) from tracks) as track_count,
        (select count(*) from {{ ref('dim_artists') }}) as artist_count

),

{#- Plays and likes of every listener, in as many days as the published ones. #}

user_likes as (

    select
        likes.user_key,
        count(*) filter (where likes.like_value > 0) as like_count,
        count(*) filter (where likes.like_value < 0) as dislike_count
    from {{ ref('fct_likes') }} as likes
    inner join users
        on
            likes.user_key = users.user_key
            and cast(likes.liked_at as date)
            between users.window_starts_on and users.window_ends_on
    group by likes.user_key

),

listeners as (

    select
        users.play_count,
        users.day_count,
        user_likes.like_count,
        user_likes.dislike_count,
        users.play_count * {{ published_days }} / cast(users.day_count as double)
            as published_play_count,
        case
            when user_likes.like_count > 0
                then user_likes.like_count * {{ published_days }} / cast(users.day_count as double)
        end as published_like_count
    from users
    left join user_likes
        on users.user_key = user_likes.user_key

),

activity as (

    select
        count(*) as user_count,
        {{ quantile('published_play_count', 0.5) }} as listens_per_listener_median,
        sum(play_count) * {{ published_days }} / cast(count(*) * max(day_count) as double)
            as listens_per_listener_mean,
        {{ quantile('published_play_count', 0.9) }} as listens_per_listener_p90,
        {{ quantile('published_play_count', 0.95) }} as listens_per_listener_p95
    from listeners
    having count(*) > 0

),

likes as (

    select
        count(published_like_count) as user_count,
        sum(like_count)
        / cast(sum(play_count) + sum(like_count) + sum(dislike_count) as double) as likes_share,
        sum(dislike_count)
        / cast(sum(play_count) + sum(like_count) + sum(dislike_count) as double) as dislikes_share,
        {{ quantile('published_like_count', 0.5) }} as likes_per_listener_median,
        {{ quantile('published_like_count', 0.9) }} as likes_per_listener_p90
    from listeners
    having count(*) > 0

),

{#- How far plays go, and how old their tracks are: shares of the plays of which it is known. #}

measured_plays as (

    select
        plays.user_key,
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

{#- A ratio is summed as a decimal, so that the order of the sum does not matter. #}

play_figures as (

    select
        cast(sum(cast(played_ratio as decimal(18, 9))) as double) / nullif(count(played_ratio), 0)
            as played_ratio_mean,
        {{ quantile('played_ratio', 0.25) }} as played_ratio_p25,
        {{ quantile('played_ratio', 0.5) }} as played_ratio_p50
    from measured_plays

),

user_play_counts as (

    select
        user_key,
        {% for statistic, condition in play_shares %}
            count(*) filter (where {{ condition }}) as {{ statistic }}_part,
            count({{ condition }}) as {{ statistic }}_whole,
        {% endfor %}
        count(*) as play_count
    from measured_plays
    group by user_key

),

play_shares as (

    select
        count(*) as playing_user_count,
        {% for statistic, _ in play_shares %}
            {{ pooled_share(statistic ~ '_part', statistic ~ '_whole') }} as {{ statistic }},
            {{ pooled_share_error(statistic ~ '_part', statistic ~ '_whole') }}
                as {{ statistic }}_error,
        {% endfor %}
        sum(play_count) as play_count
    from user_play_counts

),

{#- How much each listener skips, and how many tracks they hear. #}

user_plays as (

    select
        user_key,
        {{ share_of('is_skip') }} as skip_share,
        count(*) filter (where hearing = 1) as track_count
    from plays
    group by user_key

),

user_figures as (

    select
        count(*) as user_count,
        {% for statistic, condition in listener_shares %}
            {{ share_of(condition) }} as {{ statistic }},
            sqrt(
                {{ share_of(condition) }} * (1 - {{ share_of(condition) }})
                / nullif(count(skip_share) - 1, 0)
            ) as {{ statistic }}_error,
        {% endfor %}
        {{ quantile('track_count', 0.9) }} as track_count_p90
    from user_plays
    having count(*) > 0

),

sessions as (

    select count(*) as play_count
    from plays
    group by user_key, session_first_position

),

session_figures as (

    select
        cast(sum(play_count) as double) / count(*) as tracks_per_session_mean,
        {{ quantile('play_count', 0.5) }} as tracks_per_session_median,
        {{ share_of('play_count >= 20', among='play_count >= 10') }}
            as session_survival_10_to_20_tracks
    from sessions

),

{#- How plays concentrate, over all artists of the catalogue, played or not. #}

user_artists as (

    select
        artist_key,
        count(*) as play_count,
        row_number() over (
            partition by user_key
            order by count(*) desc, artist_key asc
        ) as user_rank
    from plays
    group by user_key, artist_key

),

artists as (

    select
        cast(sum(play_count) as bigint) as play_count,
        count(*) filter (where user_rank <= {{ listed_artists }}) as listing_count,
        cast(
            sum(case when user_rank <= {{ listed_artists }} then play_count else 0 end) as bigint
        ) as listed_play_count
    from user_artists
    group by artist_key

),

ranked_artists as (

    select
        artists.play_count,
        greatest(1, floor(catalogue.artist_count / cast(100 as double))) as top_1pct,
        greatest(1, floor(catalogue.artist_count / cast(10 as double))) as top_10pct,
        row_number() over (order by artists.play_count desc) as artist_rank
    from artists
    cross join catalogue

),

concentration_figures as (

    select
        cast(sum(case when artist_rank <= top_1pct then play_count end) as double)
        / sum(play_count) as artists_top_1pct_play_share,
        cast(sum(case when artist_rank <= top_10pct then play_count end) as double)
        / sum(play_count) as artists_top_10pct_play_share
    from ranked_artists

),

{#- How often an artist is among the most played of a listener. #}

listed_artists as (

    select
        listing_count,
        listed_play_count,
        row_number() over (order by listed_play_count) as ascending_rank
    from artists
    where listing_count > 0

),

{#-
    The exponents of the power law of whole numbers from 1 and from 10 on, in closed form: Clauset,
    Shalizi and Newman, "Power-law distributions in empirical data", SIAM Review 51, 2009, (3.7).
#}

listing_figures as (

    select
        count(*) as artist_count,
        cast(sum(listing_count) as bigint) as listing_count,
        {{ gini('listed_play_count', 'ascending_rank') }} as artist_gini_of_plays,
        round(
            1 + count(*) / sum(ln(listing_count / cast(0.5 as double))),
            {{ digits }}
        ) as artist_degree_power_law_alpha_low,
        round(
            1 + count(*) filter (where listing_count >= 10)
            / sum(case when listing_count >= 10 then ln(listing_count / cast(9.5 as double)) end),
            {{ digits }}
        ) as artist_degree_power_law_alpha_high
    from listed_artists

),

sampled as (

    select
        user_figures.*,
        play_figures.*,
        play_shares.*,
        session_figures.*,
        concentration_figures.*,
        listing_figures.*,
        user_figures.track_count_p90 / nullif(catalogue.track_count, 0) as catalogue_heard_share,
        cast(listing_figures.listing_count as double)
        / nullif(user_figures.user_count * listing_figures.artist_count, 0) as user_artist_density
    from user_figures
    cross join play_figures
    cross join play_shares
    cross join session_figures
    cross join concentration_figures
    cross join listing_figures
    cross join catalogue

),

{% for relation, statistics in figures.items() %}
    {{ relation }}_names as (

        {{ text_rows('statistic', statistics) }}

    ),
{% endfor %}

published as (

    {% for relation, statistics in figures.items() %}
        select
            names.statistic,
            cast(null as integer) as activity_bin,
            {{ relation }}.user_count,
            case names.statistic
                {% for statistic in statistics %}
                    when '{{ statistic }}' then cast({{ relation }}.{{ statistic }} as double)
                {% endfor %}
            end as figure,
            {% if relation == 'sampled' %}
                case names.statistic
                    {% for statistic, _ in play_shares + listener_shares %}
                        when '{{ statistic }}' then sampled.{{ statistic }}_error
                    {% endfor %}
                end
            {% else %}
                cast(null as double)
            {% endif %} as standard_error
        from {{ relation }}
        cross join {{ relation }}_names as names
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

matched as (

    select
        'matched_listeners' as statistic,
        activity_bin,
        count(*) as user_count,
        cast(count(*) as double) as figure,
        cast(null as double) as standard_error
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
