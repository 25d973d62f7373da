with

user_artist_years as (

    select * from {{ ref('int_user_artist_years') }}

),

user_artist_months as (

    select * from {{ ref('int_user_artist_months') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by user_key, wrapped_year
            order by listen_count desc, listening_ms desc, artist_key asc
        ) as artist_rank,
        cast(
            rank() over (
                partition by artist_key, wrapped_year
                order by listening_ms desc
            ) as bigint
        ) as fan_rank,
        count(*) over (partition by artist_key, wrapped_year) as fan_count
    from user_artist_years
    where listen_count > 0

),

top_artists as (

    select *
    from ranked
    where artist_rank <= {{ var('wrapped_list_length') }}

),

ranked_months as (

    select
        top_artists.*,
        user_artist_months.local_month as peak_month,
        row_number() over (
            partition by
                top_artists.user_key,
                top_artists.artist_key,
                top_artists.wrapped_year
            order by
                user_artist_months.listen_count desc,
                user_artist_months.listening_ms desc,
                user_artist_months.local_month asc
        ) as month_rank
    from top_artists
    inner join user_artist_months
        on
            top_artists.user_key = user_artist_months.user_key
            and top_artists.artist_key = user_artist_months.artist_key
            and top_artists.wrapped_year = user_artist_months.wrapped_year

),

final as (

    select
        user_key,
        artist_key,
        wrapped_year,
        cast(artist_rank as integer) as artist_rank,
        listen_count,
        {{ minutes_of('listening_ms') }} as minutes,
        streak_day_count,
        fan_rank,
        fan_count,
        cast(fan_rank as double) / fan_count as fan_top_share,
        peak_month
    from ranked_months
    where month_rank = 1

)

select * from final
