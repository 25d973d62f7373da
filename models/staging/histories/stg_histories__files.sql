with

source as (

    select * from {{ source('histories', 'imported_files') }}

),

renamed as (

    select
        file_key,
        listener as listener_name,
        source_file,
        format as file_format,
        row_count,
        not_music_count,
        no_track_count,
        rejected_count,
        track_count,
        landed_track_count
    from source

)

select * from renamed
