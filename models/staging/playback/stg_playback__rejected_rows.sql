with

source as (

    select * from {{ source('playback', 'rejected_rows') }}

),

renamed as (

    select
        source_file,
        column_name,
        reason,
        line_text,
        line_number
    from source

)

select * from renamed
