with

source as (

    select * from {{ source('playback', 'simulation_batches') }}

),

renamed as (

    select
        batch_id,
        first_user_key,
        last_user_key,
        checksum,
        preset_hash,
        catalogue_fingerprint,
        tzdata_version,
        version,
        seed,
        play_count,
        window_start as window_starts_on,
        window_end as window_ends_on
    from source

)

select * from renamed
