with

user_track_years as (

    select * from {{ ref('int_user_track_years') }}

),

user_artist_years as (

    select * from {{ ref('int_user_artist_years') }}

),

first_track_years as (

    select
        user_key,
        min(wrapped_year) as wrapped_year
    from user_track_years
    where listen_count > 0
    group by user_key, track_key

),

first_artist_years as (

    select
        user_key,
        min(wrapped_year) as wrapped_year
    from user_artist_years
    where listen_count > 0
    group by user_key, artist_key

),

discoveries as (

    select
        user_key,
        wrapped_year,
        1 as new_track_count,
        0 as new_artist_count
    from first_track_years
    union all
    select
        user_key,
        wrapped_year,
        0 as new_track_count,
        1 as new_artist_count
    from first_artist_years

),

user_discoveries as (

    select
        user_key,
        wrapped_year,
        cast(sum(new_track_count) as bigint) as new_track_count,
        cast(sum(new_artist_count) as bigint) as new_artist_count
    from discoveries
    group by user_key, wrapped_year

)

select * from user_discoveries
