{#- What is first heard in the first days may be known of old. -#}
{%- set known_days = 45 -%}
{#- Days that a track is followed for, plays that its course takes, tracks that a share takes. -#}
{%- set followed_days, least_plays, least_tracks = 90, 5, 30 -%}
{%- set day_minutes = 1440 -%}
{%- set top_tracks, top_artists, month_days = 50, 20, 30 -%}
{%- set digits = 6 -%}

with

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_matched and window_days = 365

),

histories as (

    select
        user_key,
        min(ended_on) as first_played_on,
        max(ended_on) as last_played_on,
        min(ended_minute) as first_minute,
        max(ended_minute) as last_minute
    from plays
    group by user_key

),

new_tracks as (

    select
        plays.user_key,
        plays.track_key,
        plays.is_skip,
        plays.session_first_position,
        plays.ended_minute as first_minute,
        histories.last_minute - plays.ended_minute as minutes_left
    from plays
    inner join histories
        on plays.user_key = histories.user_key
    where
        plays.hearing = 1
        and plays.ended_minute >= histories.first_minute + {{ known_days * day_minutes }}

),

courses as (

    select
        new_tracks.user_key,
        new_tracks.track_key,
        new_tracks.is_skip,
        new_tracks.minutes_left >= {{ 30 * day_minutes }} as is_followed_30d,
        new_tracks.minutes_left >= {{ followed_days * day_minutes }} as is_followed,
        count(*) filter (
            where
            plays.session_first_position > new_tracks.session_first_position
            and plays.ended_minute <= new_tracks.first_minute + {{ 30 * day_minutes }}
        ) > 0 as is_again_in_30d,
        count(*) filter (
            where plays.ended_minute < new_tracks.first_minute + {{ followed_days * day_minutes }}
        ) as play_count,
        count(*) filter (
            where plays.ended_minute < new_tracks.first_minute + {{ day_minutes }}
        ) as first_day_play_count,
        count(*) filter (
            where plays.ended_minute < new_tracks.first_minute + {{ 7 * day_minutes }}
        ) as first_week_play_count
    from new_tracks
    inner join plays
        on
            new_tracks.user_key = plays.user_key
            and new_tracks.track_key = plays.track_key
    group by
        new_tracks.user_key,
        new_tracks.track_key,
        new_tracks.is_skip,
        new_tracks.minutes_left

),

courses_beside_their_length as (

    select
        *,
        is_followed and play_count >= {{ least_plays }} as has_course
    from courses

),

discoveries as (

    select
        user_key,
        {{ share_of('is_again_in_30d', 'is_followed_30d and is_skip', least_tracks) }}
            as again_30d_if_first_skipped,
        {{ share_of('is_again_in_30d', 'is_followed_30d and not is_skip', least_tracks) }}
            as again_30d_if_first_played,
        case
            when count(*) filter (where is_followed) >= {{ least_tracks }}
                then avg(play_count) filter (where is_followed)
        end as new_track_plays_in_90d_mean,
        {{ share_of('play_count = 1', 'is_followed', least_tracks) }}
            as new_track_played_once_in_90d_share,
        cast(sum(first_day_play_count) filter (where has_course) as double)
        / sum(play_count) filter (where has_course) as new_track_plays_in_first_day_share,
        cast(sum(first_week_play_count) filter (where has_course) as double)
        / sum(play_count) filter (where has_course) as new_track_plays_in_first_7d_share
    from courses_beside_their_length
    group by user_key

),

{#- Months of 30 days from the listener's first day on, whole ones only. #}

numbered_days as (

    select
        plays.*,
        {{ dbt.datediff('histories.first_played_on', 'plays.ended_on', 'day') }}
            as day_number,
        {{ dbt.datediff('histories.first_played_on', 'histories.last_played_on', 'day') }}
        + 1 as day_count
    from plays
    inner join histories
        on plays.user_key = histories.user_key

),

month_plays as (

    select
        user_key,
        track_key,
        artist_key,
        user_position,
        cast(floor(day_number / cast({{ month_days }} as double)) as bigint) as month_number
    from numbered_days
    where day_number < {{ month_days }} * floor(day_count / cast({{ month_days }} as double))

),

top_lists as (

    {% for kind, list_length, months_apart in [
        ('track', top_tracks, 1), ('artist', top_artists, 10)
    ] %}
        select
            user_key,
            '{{ kind }}' as kind,
            {{ months_apart }} as months_apart,
            month_number,
            {{ kind }}_key as listed_key
        from (
            select
                user_key,
                month_number,
                {{ kind }}_key,
                row_number() over (
                    partition by user_key, month_number
                    order by count(*) desc, min(user_position) asc
                ) as list_rank
            from month_plays
            group by user_key, month_number, {{ kind }}_key
        ) as ranked
        where list_rank <= {{ list_length }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

list_sizes as (

    select
        user_key,
        kind,
        months_apart,
        month_number,
        count(*) as listed_count
    from top_lists
    group by user_key, kind, months_apart, month_number

),

common as (

    select
        earlier.user_key,
        earlier.kind,
        earlier.month_number,
        count(*) as common_count
    from top_lists as earlier
    inner join top_lists as later
        on
            earlier.user_key = later.user_key
            and earlier.kind = later.kind
            and earlier.listed_key = later.listed_key
            and earlier.month_number + earlier.months_apart = later.month_number
    group by earlier.user_key, earlier.kind, earlier.month_number

),

shared_parts as (

    select
        earlier.user_key,
        earlier.kind,
        earlier.month_number,
        cast(coalesce(common.common_count, 0) as double)
        / (earlier.listed_count + later.listed_count - coalesce(common.common_count, 0))
            as jaccard
    from list_sizes as earlier
    inner join list_sizes as later
        on
            earlier.user_key = later.user_key
            and earlier.kind = later.kind
            and earlier.month_number + earlier.months_apart = later.month_number
    left join common
        on
            earlier.user_key = common.user_key
            and earlier.kind = common.kind
            and earlier.month_number = common.month_number

),

favourites as (

    select
        user_key,
        round(avg(case when kind = 'track' then jaccard end), {{ digits }})
            as top_50_tracks_jaccard_consecutive_months,
        max(case when kind = 'artist' and month_number = 0 then jaccard end)
            as top_20_artists_jaccard_ten_months_apart
    from shared_parts
    group by user_key

),

turnover as (

    select
        histories.user_key,
        365 as window_days,
        discoveries.again_30d_if_first_skipped,
        discoveries.again_30d_if_first_skipped
        / nullif(discoveries.again_30d_if_first_played, 0) as again_30d_ratio,
        discoveries.new_track_plays_in_90d_mean,
        discoveries.new_track_played_once_in_90d_share,
        discoveries.new_track_plays_in_first_day_share,
        discoveries.new_track_plays_in_first_7d_share,
        favourites.top_50_tracks_jaccard_consecutive_months,
        favourites.top_20_artists_jaccard_ten_months_apart
    from histories
    left join discoveries
        on histories.user_key = discoveries.user_key
    left join favourites
        on histories.user_key = favourites.user_key

)

{{ statistic_rows('turnover', [
    'again_30d_if_first_skipped',
    'again_30d_ratio',
    'new_track_plays_in_90d_mean',
    'new_track_played_once_in_90d_share',
    'new_track_plays_in_first_day_share',
    'new_track_plays_in_first_7d_share',
    'top_50_tracks_jaccard_consecutive_months',
    'top_20_artists_jaccard_ten_months_apart',
]) }}
