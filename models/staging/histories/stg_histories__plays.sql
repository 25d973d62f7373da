with

source as (

    select * from {{ source('histories', 'imported_plays') }}

),

renamed as (

    select
        file_key,
        place,
        listener as listener_name,
        artist_name,
        track_name,
        album_name,
        track_uri,
        listening_ms,
        duration_ms,
        context_code,
        is_private,
        started_at,
        ended_at
    from source

)

select * from renamed
