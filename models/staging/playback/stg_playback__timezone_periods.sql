with

source as (

    select * from {{ source('playback', 'timezone_periods') }}

)

select * from source
