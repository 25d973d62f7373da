with

source as (

    select * from {{ source('playback', 'world') }}

),

renamed as (

    select
        land_fingerprint,
        catalogue_source,
        tzdata_version,
        version,
        seed,
        starts_on
    from source

)

select * from renamed
