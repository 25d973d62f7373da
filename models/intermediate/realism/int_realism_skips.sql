{#- Plays that a share takes, and plays of a track or an artist that are compared with others'. -#}
{%- set least_plays, least_group_plays = 30, 4 -%}
{%- set digits = 6 -%}
{#- Statistic, condition and class of a share, and the class whose share is taken off, if any. -#}
{%- set shares = [
    ('skip_track_memory_all', 'track_last_skipped', 1, 0),
    ('skip_if_track_last_skipped_clean', 'track_last_skipped_clean', 1, none),
    ('skip_if_track_last_played_clean', 'track_last_skipped_clean', 0, none),
    ('skip_track_memory_clean', 'track_last_skipped_clean', 1, 0),
    ('skip_artist_other_track_memory_all', 'artist_last_skipped', 1, 0),
    ('skip_hearing_1', 'hearing', 1, none),
    ('skip_hearing_3-5', 'hearing', 3, none),
    ('skip_hearing_11-30', 'hearing', 11, none),
    ('skip_hearing_31+', 'hearing', 31, none),
    ('skip_artist_rank_1-10', 'artist_rank', 1, none),
    ('skip_artist_rank_11-50', 'artist_rank', 11, none),
    ('skip_artist_rank_201+', 'artist_rank', 201, none),
    ('skip_recency_<1h', 'hours_since_heard', 0, none),
    ('skip_recency_1-6h', 'hours_since_heard', 1, none),
    ('skip_recency_1-7d', 'hours_since_heard', 24, none),
    ('skip_recency_>30d', 'hours_since_heard', 720, none),
] -%}
{#- Statistic, what plays are grouped by, and which of them. -#}
{%- set correlations = [
    ('skip_icc_tracks', 'track_key', 'true'),
    ('skip_icc_tracks_clean', 'track_key', 'skips_before = 0'),
    ('skip_icc_artists', 'artist_key', 'true'),
] -%}

with

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_matched

),

class_shares as (

    select
        *,
        cast(skip_count as double) / play_count as skip_share
    from {{ ref('int_realism_skip_classes') }}
    where play_count >= {{ least_plays }}

),

shares as (

    {% for statistic, condition, class, class_off in shares %}
        select
            user_key,
            window_days,
            '{{ statistic }}' as statistic,
            max(case when class_start = {{ class }} then skip_share end)
            {%- if class_off is not none %}
                - max(case when class_start = {{ class_off }} then skip_share end)
            {%- endif %} as statistic_value
        from class_shares
        where condition_name = '{{ condition }}'
        group by user_key, window_days
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

groups as (

    {% for statistic, group_key, condition in correlations %}
        select
            user_key,
            window_days,
            '{{ statistic }}' as statistic,
            count(*) as play_count,
            count(*) filter (where is_skip) as skip_count
        from plays
        where {{ condition }}
        group by user_key, window_days, {{ group_key }}
        having count(*) >= {{ least_group_plays }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

{#- Of zeros and ones, the squares about a group's mean sum to skips less their square by plays. #}

sums as (

    select
        user_key,
        window_days,
        statistic,
        count(*) as group_count,
        cast(sum(play_count) as double) as play_count,
        cast(sum(skip_count) as double) as skip_count,
        cast(sum(play_count * play_count) as double) as square_count,
        cast(
            sum(cast(skip_count * skip_count / cast(play_count as double) as decimal(18, 9)))
            as double
        ) as group_squares
    from groups
    group by user_key, window_days, statistic
    having sum(play_count) >= {{ least_plays }} and count(*) > 1

),

mean_squares as (

    select
        user_key,
        window_days,
        statistic,
        (group_squares - skip_count * skip_count / play_count) / (group_count - 1)
            as between_groups,
        (skip_count - group_squares) / (play_count - group_count) as within_groups,
        (play_count - square_count / play_count) / (group_count - 1) as group_size
    from sums

),

{#- Of groups of unequal size: Donner, International Statistical Review 54, 1986. #}

correlations as (

    select
        user_key,
        window_days,
        statistic,
        round(
            (between_groups - within_groups)
            / nullif(between_groups + (group_size - 1) * within_groups, 0),
            {{ digits }}
        ) as statistic_value
    from mean_squares

),

statistics as (

    select * from shares
    union all
    select * from correlations

)

select *
from statistics
where statistic_value is not null
