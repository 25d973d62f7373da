with

agg_user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

bridge_track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

user_genre_preferences as (

    select * from {{ ref('stg_playback__user_genre_preferences') }}

),

track_genre_sets as (

    select * from {{ ref('int_track_genre_sets') }}

),

user_genre_sets as (

    select distinct
        agg_user_track_months.user_key,
        track_genre_sets.exemplar_track_key
    from agg_user_track_months
    inner join track_genre_sets
        on agg_user_track_months.track_key = track_genre_sets.track_key

),

{#- Decimals: a sum of doubles may differ in its last bit from run to run. #}

genre_affinities as (

    select
        user_genre_sets.user_key,
        user_genre_sets.exemplar_track_key,
        cast(
            coalesce(user_genre_preferences.affinity_score, {{ unstated_affinity() }})
            as decimal(18, 12)
        ) as affinity_score
    from user_genre_sets
    inner join bridge_track_genres
        on user_genre_sets.exemplar_track_key = bridge_track_genres.track_key
    left join user_genre_preferences
        on
            user_genre_sets.user_key = user_genre_preferences.user_key
            and bridge_track_genres.genre_id = user_genre_preferences.genre_id

),

genre_set_affinities as (

    select
        user_key,
        exemplar_track_key,
        cast(sum(affinity_score) as double) / count(*) as genre_affinity_score
    from genre_affinities
    group by user_key, exemplar_track_key

)

select * from genre_set_affinities
