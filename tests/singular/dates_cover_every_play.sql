with

plays as (

    select
        cast(min(ended_at) as date) as first_on,
        cast(max(ended_at) as date) as last_on
    from {{ ref('stg_playback__user_events') }}

),

dates as (

    select
        min(date_day) as first_on,
        max(date_day) as last_on
    from {{ ref('dim_dates') }}

),

final as (

    select
        plays.first_on as first_played_on,
        plays.last_on as last_played_on,
        dates.first_on,
        dates.last_on
    from plays
    cross join dates
    where
        plays.first_on < dates.first_on
        or plays.last_on > dates.last_on
        or (plays.first_on is not null and dates.first_on is null)

)

select * from final
