with

source as (

    select * from {{ source('playback', 'user_events') }}

),

renamed as (

    select
        event_id,
        user_key,
        track_key,
        {{ play_context('context_code') }} as context_type,
        {{ play_reason('context_code', 128) }} as reason_start,
        {{ play_reason('context_code', 2048) }} as reason_end,
        listening_ms,
        {{ part_of_code('context_code', 8, 4, ['false', 'true']) }} as is_shuffle,
        {{ part_of_code('context_code', 32, 4, ['false', 'true']) }} as is_offline,
        ended_at
    from source

)

select * from renamed
