with

source as (

    select * from {{ source('histories', 'imported_events') }}

)

select * from source
