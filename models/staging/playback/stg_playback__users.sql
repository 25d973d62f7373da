with

source as (

    select * from {{ source('playback', 'users') }}

),

renamed as (

    select
        user_key,
        user_id,
        username,
        location,
        country_code,
        timezone,
        gender,
        user_type,
        activity_level,
        birthdate as born_on,
        registered_on
    from source

)

select * from renamed
