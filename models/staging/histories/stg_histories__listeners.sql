with

source as (

    select * from {{ source('histories', 'imported_listeners') }}

),

renamed as (

    select
        user_key,
        listener as listener_name,
        timezone
    from source

)

select * from renamed
