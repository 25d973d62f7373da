with

source as (

    select * from {{ source('playback', 'source_files') }}

),

renamed as (

    select
        source_file,
        row_count
    from source

)

select * from renamed
