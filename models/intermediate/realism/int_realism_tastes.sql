{#- Preferred genres that a rank correlation takes, and digits kept of it: a sum of floats. -#}
{%- set least_genres, digits = 3, 6 -%}

with

plays as (

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

genre_plays as (

    select
        plays.user_key,
        track_genres.genre_id,
        count(*) as play_count
    from plays
    inner join track_genres
        on plays.track_key = track_genres.track_key
    group by plays.user_key, track_genres.genre_id

),

listeners as (

    select distinct user_key
    from plays

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

ranked as (

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
    from ranked
    group by user_key
    having
        count(*) >= {{ least_genres }}
        and min(affinity_rank) < max(affinity_rank)
        and min(play_rank) < max(play_rank)

),

final as (

    select
        user_key,
        window_days,
        statistic,
        statistic_value
    from correlations

)

select * from final
