with

agg_user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

plays as (

    select * from {{ ref('int_plays_measured') }}

),

months as (

    select * from {{ ref('int_landed_months') }}

),

graph_splits as (

    select * from {{ ref('graph_splits') }}

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
            'months.played_month',
            'boundaries.validation_starts_on',
            'boundaries.test_starts_on'
        ) }} as first_split_name,
        {{ split_of_day(
            dbt.last_day('months.played_month', 'month'),
            'boundaries.validation_starts_on',
            'boundaries.test_starts_on'
        ) }} as last_split_name,
        months.played_month
    from months
    cross join boundaries

),

whole_months as (

    select
        agg_user_track_months.user_key,
        agg_user_track_months.track_key,
        month_splits.first_split_name as split_name,
        agg_user_track_months.play_count,
        agg_user_track_months.skip_count,
        agg_user_track_months.listening_ms,
        agg_user_track_months.first_played_at,
        agg_user_track_months.last_played_at
    from agg_user_track_months
    inner join month_splits
        on agg_user_track_months.played_month = month_splits.played_month
    where month_splits.first_split_name = month_splits.last_split_name

),

{#- Only a month that a boundary divides needs its single plays: two months at the most. #}

months_with_boundary as (

    select played_month
    from month_splits
    where first_split_name <> last_split_name

),

divided_months as (

    select
        plays.user_key,
        plays.track_key,
        {{ split_of_day(
            'cast(plays.ended_at as date)',
            'boundaries.validation_starts_on',
            'boundaries.test_starts_on'
        ) }} as split_name,
        1 as play_count,
        case when plays.is_skip then 1 else 0 end as skip_count,
        plays.listening_ms,
        plays.started_at as first_played_at,
        plays.ended_at as last_played_at
    from plays
    cross join boundaries
    where
        plays.played_month in (
            select months_with_boundary.played_month from months_with_boundary
        )
        and plays.ended_at >= (
            select cast(min(months_with_boundary.played_month) as timestamp)
            from months_with_boundary
        )

),

counted as (

    select * from whole_months
    union all
    select * from divided_months

),

user_track_splits as (

    select
        user_key,
        track_key,
        cast(
            sum(case when split_name = 'train' then play_count else 0 end) as bigint
        ) as train_play_count,
        cast(
            sum(case when split_name = 'validation' then play_count else 0 end) as bigint
        ) as validation_play_count,
        cast(
            sum(case when split_name = 'test' then play_count else 0 end) as bigint
        ) as test_play_count,
        cast(
            sum(case when split_name = 'train' then skip_count else 0 end) as bigint
        ) as train_skip_count,
        cast(
            sum(case when split_name = 'train' then listening_ms else 0 end) as bigint
        ) as train_listening_ms,
        min(first_played_at) as first_played_at,
        max(case when split_name = 'train' then last_played_at end) as train_last_played_at
    from counted
    group by user_key, track_key

)

select * from user_track_splits
