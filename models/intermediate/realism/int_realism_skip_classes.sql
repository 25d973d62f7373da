{#-
    What a skip may depend on, how a play tells it, and where its classes begin: each goes on to the
    next, the last one without end.
-#}
{%- set conditions = [
    ('hearing', 'hearing', [1, 2, 3, 6, 11, 31]),
    ('artist_rank', 'artist_rank', [1, 11, 51, 201]),
    ('hours_since_heard', 'minutes_since_heard / cast(60 as double)', [0, 1, 6, 24, 168, 720]),
    ('session_position', 'session_position', [1, 2, 3, 6, 11, 21, 51]),
    ('skips_before', 'skips_before', [0, 1, 2, 3, 4, 6, 10, 20]),
    ('track_last_skipped', 'cast(is_last_hearing_skip as integer)', [0, 1]),
    ('track_last_skipped_clean',
        'case when skips_before = 0 then cast(is_last_hearing_skip as integer) end', [0, 1]),
    ('artist_last_skipped', 'cast(is_artists_last_other_skip as integer)', [0, 1]),
] -%}

with

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_matched

),

artists as (

    select
        user_key,
        window_days,
        artist_key,
        count(*) as play_count,
        min(user_position) as first_position
    from plays
    group by user_key, window_days, artist_key

),

ranked_artists as (

    select
        user_key,
        window_days,
        artist_key,
        row_number() over (
            partition by user_key, window_days
            order by play_count desc, first_position asc
        ) as artist_rank
    from artists

),

conditions as (

    select
        plays.user_key,
        plays.window_days,
        {% for condition, value, starts in conditions %}
            {{ class_of(value, starts) }} as {{ condition }},
        {% endfor %}
        plays.is_skip
    from plays
    inner join ranked_artists
        on
            plays.user_key = ranked_artists.user_key
            and plays.window_days = ranked_artists.window_days
            and plays.artist_key = ranked_artists.artist_key

),

classes as (

    {% for condition, value, starts in conditions %}
        select
            user_key,
            window_days,
            '{{ condition }}' as condition_name,
            {{ condition }} as class_start,
            count(*) as play_count,
            count(*) filter (where is_skip) as skip_count
        from conditions
        where {{ condition }} is not null
        group by user_key, window_days, {{ condition }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from classes
