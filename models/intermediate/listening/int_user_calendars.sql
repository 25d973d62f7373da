with

users as (

    select * from {{ ref('stg_playback__users') }}

),

batches as (

    select
        first_user_key,
        last_user_key,
        {{ dbt.datediff('window_starts_on', 'window_ends_on', 'day') }}
        + 1 as day_count,
        window_starts_on,
        window_ends_on
    from {{ ref('stg_playback__simulation_batches') }}

),

user_calendars as (

    select
        users.user_key,
        cast(sum(batches.day_count) as bigint) as day_count,
        min(batches.window_starts_on) as window_starts_on,
        max(batches.window_ends_on) as window_ends_on
    from users
    inner join batches
        on users.user_key between batches.first_user_key and batches.last_user_key
    group by users.user_key

)

select * from user_calendars
