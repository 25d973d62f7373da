with

user_artist_months as (

    select * from {{ ref('int_user_artist_months') }}

),

user_artist_streaks as (

    select * from {{ ref('int_user_artist_streaks') }}

),

years as (

    select
        user_key,
        artist_key,
        wrapped_year,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listen_count) as bigint) as listen_count,
        cast(sum(listening_ms) as bigint) as listening_ms
    from user_artist_months
    group by user_key, artist_key, wrapped_year

),

final as (

    select
        years.user_key,
        years.artist_key,
        years.wrapped_year,
        years.play_count,
        years.listen_count,
        years.listening_ms,
        coalesce(user_artist_streaks.streak_day_count, 0) as streak_day_count
    from years
    left join user_artist_streaks
        on
            years.user_key = user_artist_streaks.user_key
            and years.artist_key = user_artist_streaks.artist_key
            and years.wrapped_year = user_artist_streaks.wrapped_year

)

select * from final
