{#-
    Months that lie in one split as wholes come from their totals; of a month that a boundary
    divides, two at the most, the single plays are read. Stated affinities are worked out for each set
    of genres that tracks have, as there are far fewer of them than tracks.
-#}

with

user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

plays as (

    select * from {{ ref('int_plays_measured') }}

),

landed_months as (

    select * from {{ ref('int_landed_months') }}

),

graph_splits as (

    select * from {{ ref('graph_splits') }}

),

track_genres as (

    select * from {{ ref('bridge_track_genres') }}

),

preferences as (

    select * from {{ ref('stg_playback__user_genre_preferences') }}

),

boundaries as (

    select
        min(case when split_name = 'validation' then first_on end) as validation_starts_on,
        min(case when split_name = 'test' then first_on end) as test_starts_on
    from graph_splits

),

month_splits as (

    select
        {{ split_of_day(
            'landed_months.played_month',
            'boundaries.validation_starts_on',
            'boundaries.test_starts_on'
        ) }} as first_split_name,
        {{ split_of_day(
            dbt.last_day('landed_months.played_month', 'month'),
            'boundaries.validation_starts_on',
            'boundaries.test_starts_on'
        ) }} as last_split_name,
        landed_months.played_month
    from landed_months
    cross join boundaries

),

whole_months as (

    select
        user_track_months.user_key,
        user_track_months.track_key,
        month_splits.first_split_name as split_name,
        user_track_months.play_count,
        user_track_months.skip_count,
        user_track_months.under_30s_count,
        user_track_months.listening_ms,
        user_track_months.first_played_at,
        user_track_months.last_played_at
    from user_track_months
    inner join month_splits
        on user_track_months.played_month = month_splits.played_month
    where month_splits.first_split_name = month_splits.last_split_name

),

divided_months as (

    select played_month
    from month_splits
    where first_split_name <> last_split_name

),

divided_month_plays as (

    select
        plays.user_key,
        plays.track_key,
        {{ split_of_day(
            'cast(plays.ended_at as date)',
            'boundaries.validation_starts_on',
            'boundaries.test_starts_on'
        ) }} as split_name,
        1 as play_count,
        cast(plays.is_skip as integer) as skip_count,
        cast({{ is_under_30s('plays.listening_ms') }} as integer) as under_30s_count,
        plays.listening_ms,
        plays.started_at as first_played_at,
        plays.ended_at as last_played_at
    from plays
    cross join boundaries
    where
        plays.played_month in (select divided_months.played_month from divided_months)
        and plays.ended_at >= (
            select cast(min(divided_months.played_month) as timestamp)
            from divided_months
        )

),

counted as (

    select * from whole_months
    union all
    select * from divided_month_plays

),

user_tracks as (

    select
        user_key,
        track_key,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(under_30s_count) as bigint) as under_30s_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        {% for split in ['train', 'validation', 'test'] %}
            cast(
                sum(case when split_name = '{{ split }}' then play_count else 0 end) as bigint
            ) as {{ split }}_play_count,
        {% endfor %}
        cast(
            sum(case when split_name = 'train' then skip_count end) as bigint
        ) as train_skip_count,
        cast(
            sum(case when split_name = 'train' then listening_ms end) as bigint
        ) as train_listening_ms,
        min(first_played_at) as first_played_at,
        max(last_played_at) as last_played_at,
        max(case when split_name = 'train' then last_played_at end) as train_last_played_at
    from counted
    group by user_key, track_key

),

{#- Tracks with the same genres share the affinities of the first of them. #}

genre_sets as (

    select
        track_key,
        count(*) as genre_count,
        {{ dbt.listagg('genre_id', "','", 'order by genre_id') }} as genre_ids
    from track_genres
    group by track_key

),

track_sets as (

    select
        track_key,
        genre_count,
        min(track_key) over (partition by genre_ids) as exemplar_track_key
    from genre_sets

),

exemplar_genres as (

    select
        track_genres.track_key as exemplar_track_key,
        track_genres.genre_id
    from track_genres
    inner join track_sets
        on track_genres.track_key = track_sets.exemplar_track_key
    where track_sets.track_key = track_sets.exemplar_track_key

),

{#- Decimals: a sum of doubles may differ in its last bit from run to run. #}

stated_affinities as (

    select
        preferences.user_key,
        exemplar_genres.exemplar_track_key,
        count(*) as genre_count,
        sum(cast(preferences.affinity_score as decimal(18, 12))) as affinity_sum
    from preferences
    inner join exemplar_genres
        on preferences.genre_id = exemplar_genres.genre_id
    group by preferences.user_key, exemplar_genres.exemplar_track_key

),

final as (

    select
        user_tracks.user_key,
        user_tracks.track_key,
        user_tracks.play_count,
        user_tracks.under_30s_count,
        user_tracks.listening_ms,
        user_tracks.train_play_count,
        user_tracks.validation_play_count,
        user_tracks.test_play_count,
        user_tracks.train_skip_count,
        user_tracks.train_listening_ms,
        coalesce(
            cast(
                coalesce(stated_affinities.affinity_sum, 0)
                + {{ unstated_affinity() }}
                * (track_sets.genre_count - coalesce(stated_affinities.genre_count, 0))
                as double
            ) / track_sets.genre_count,
            {{ unstated_affinity() }}
        ) as genre_affinity_score,
        user_tracks.first_played_at,
        user_tracks.last_played_at,
        user_tracks.train_last_played_at
    from user_tracks
    left join track_sets
        on user_tracks.track_key = track_sets.track_key
    left join stated_affinities
        on
            user_tracks.user_key = stated_affinities.user_key
            and track_sets.exemplar_track_key = stated_affinities.exemplar_track_key

)

select * from final
