with

source as (

    select * from {{ source('histories', 'imported_tracks') }}

)

select * from source
