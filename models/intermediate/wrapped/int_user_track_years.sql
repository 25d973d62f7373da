{{ built_by('wrapped_year') }}

{%- set user_artist_months = ref('int_user_artist_months') %}
{%- if is_incremental() %}
    {%- set years = periods_to_build(user_artist_months, 'wrapped_year') %}
{%- else %}
    {%- set years = wrapped_years(user_artist_months) %}
{%- endif %}

with

user_track_months as (

    select * from {{ ref('agg_user_track_months') }}

),

plays as (

    select * from {{ ref('int_plays_in_local_time') }}

),

whole_months as (

    select
        user_key,
        track_key,
        {{ year_of('played_month') }} as wrapped_year,
        play_count,
        listen_count,
        timed_count,
        skip_count,
        complete_count,
        listening_ms,
        first_played_at
    from user_track_months
    where {{ is_whole_month('played_month') }}

),

{#- By the listener's clock some plays of these months lie in another year, or outside. #}

divided_month_plays as (

    select
        *,
        {{ wrapped_year_of('local_started_at') }} as wrapped_year
    from plays
    where {{ is_divided_month('ended_at', years) }}

),

divided_months as (

    select
        user_key,
        track_key,
        wrapped_year,
        cast(count(*) as integer) as play_count,
        cast(count(*) filter (where is_listen) as integer) as listen_count,
        cast(count(listening_ms) as integer) as timed_count,
        {{ count_of('is_skip', known='listening_ms') }} as skip_count,
        {{ count_of('is_complete', known='is_complete') }} as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        min(started_at) as first_played_at
    from divided_month_plays
    where wrapped_year is not null
    group by user_key, track_key, wrapped_year, played_month

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
        count(*) as month_count,
        {{ sum_of('play_count') }} as play_count,
        {{ sum_of('listen_count') }} as listen_count,
        {{ sum_of('timed_count') }} as timed_count,
        {{ sum_of('skip_count') }} as skip_count,
        {{ sum_of('complete_count') }} as complete_count,
        {{ sum_of('listening_ms') }} as listening_ms,
        min(first_played_at) as first_played_at
    from counted
    where {{ is_to_build(user_artist_months, 'wrapped_year') }}
    group by user_key, track_key, wrapped_year

)

select * from user_track_years
