with

dim_users as (

    select * from {{ ref('dim_users') }}

),

world as (

    select * from {{ ref('stg_playback__world') }}

),

user_tracks as (

    select * from {{ ref('int_user_tracks') }}

),

heard_in_training as (

    select distinct user_key
    from user_tracks
    where train_play_count > 0

),

features as (

    select
        cast(row_number() over (order by dim_users.user_key) - 1 as integer) as node_index,
        dim_users.user_key,
        dim_users.user_id,
        dim_users.username,
        dim_users.activity_level,
        cast(
            {{ dbt.datediff('dim_users.born_on', 'world.starts_on', 'day') }}
            as double
        ) / 365.25 as age_years,
        cast(
            {{ dbt.datediff('dim_users.registered_on', 'world.starts_on', 'day') }}
            as integer
        ) as tenure_days,
        coalesce(dim_users.user_type = 'casual', false) as is_casual,
        coalesce(dim_users.user_type = 'regular', false) as is_regular,
        coalesce(dim_users.user_type = 'power', false) as is_power,
        heard_in_training.user_key is null as is_cold
    from dim_users
    cross join world
    left join heard_in_training
        on dim_users.user_key = heard_in_training.user_key

)

select * from features
