with

user_artist_years as (

    select * from {{ ref('int_user_artist_years') }}

),

fans as (

    select
        *,
        cast(
            rank() over (
                partition by artist_key, wrapped_year, listening_ms is null
                order by
                    listening_ms desc,
                    case when listening_ms is null then listen_count end desc
            ) as bigint
        ) as fan_rank,
        count(*) over (partition by artist_key, wrapped_year, listening_ms is null) as fan_count
    from user_artist_years
    where listen_count > 0

),

top_artists as (

    {{ top_list('fans', ['user_key', 'wrapped_year'], 'artist_key') }}

),

final as (

    select
        user_key,
        artist_key,
        wrapped_year,
        list_rank as artist_rank,
        listen_count,
        {{ minutes_of('listening_ms') }} as minutes,
        streak_day_count,
        fan_rank,
        fan_count,
        cast(fan_rank as double) / fan_count as fan_top_share,
        peak_month
    from top_artists

)

select * from final
