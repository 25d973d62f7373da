with

source as (

    select * from {{ source('playback', 'missing_values') }}

),

renamed as (

    select
        source_file,
        column_name,
        reason,
        value_count
    from source

)

select * from renamed
