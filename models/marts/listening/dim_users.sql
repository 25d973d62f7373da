with

users as (

    select * from {{ ref('stg_playback__users') }}

),

imported_listeners as (

    select * from {{ ref('stg_histories__listeners') }}

),

final as (

    select
        users.user_key,
        users.user_id,
        users.username,
        users.location,
        users.country_code,
        users.timezone,
        users.gender,
        users.user_type,
        users.activity_level,
        imported_listeners.user_key is not null as is_imported,
        users.born_on,
        users.registered_on
    from users
    left join imported_listeners
        on users.user_key = imported_listeners.user_key

)

select * from final
