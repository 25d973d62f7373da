with

source as (

    select * from {{ source('playback', 'user_likes') }}

),

renamed as (

    select
        user_key,
        track_key,
        value as like_value,
        liked_at
    from source

)

select * from renamed
