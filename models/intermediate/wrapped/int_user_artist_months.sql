with

user_artist_days as (

    select * from {{ ref('int_user_artist_days') }}

),

user_artist_months as (

    select
        user_key,
        artist_key,
        wrapped_year,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listen_count) as bigint) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        {{ first_of_month('played_on') }} as local_month
    from user_artist_days
    group by user_key, artist_key, wrapped_year, {{ first_of_month('played_on') }}

)

select * from user_artist_months
