with

source as (

    select * from {{ source('playback', 'world') }}

),

renamed as (

    select
        land_fingerprint,
        catalogue_source,
        version,
        seed,
        starts_on
    from source

)

select * from renamed
