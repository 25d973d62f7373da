with

user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

divided_month_plays as (

    select * from {{ ref('int_divided_month_plays') }}

),

whole_months as (

    select
        user_key,
        track_key,
        {{ year_of('played_month') }} as wrapped_year,
        1 as month_count,
        play_count,
        listen_count,
        skip_count,
        complete_count,
        listening_ms,
        first_played_at
    from user_track_months
    where {{ is_whole_month('played_month') }}

),

divided_months as (

    select
        user_key,
        track_key,
        wrapped_year,
        1 as month_count,
        count(*) as play_count,
        count(*) filter (where {{ is_listen('listening_ms') }}) as listen_count,
        count(*) filter (where is_skip) as skip_count,
        count(*) filter (where is_complete) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(started_at) as first_played_at
    from divided_month_plays
    group by user_key, track_key, wrapped_year, local_month

),

counted as (

    select * from whole_months
    union all
    select * from divided_months

),

user_track_years as (

    select
        user_key,
        track_key,
        wrapped_year,
        cast(sum(month_count) as bigint) as month_count,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listen_count) as bigint) as listen_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(first_played_at) as first_played_at
    from counted
    group by user_key, track_key, wrapped_year

)

select * from user_track_years
