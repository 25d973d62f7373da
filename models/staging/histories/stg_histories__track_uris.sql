with

source as (

    select * from {{ source('histories', 'imported_track_uris') }}

)

select * from source
