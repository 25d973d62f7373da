with

source as (

    select * from {{ source('playback', 'user_events') }}

),

renamed as (

    select
        event_id,
        user_key,
        track_key,
        listening_ms,
        ended_at
    from source

)

select * from renamed
