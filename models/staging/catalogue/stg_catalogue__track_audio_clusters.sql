with

source as (

    select * from {{ source('catalogue', 'track_audio_clusters') }}

),

renamed as (

    select
        track_key,
        audio_features_type
    from source

)

select * from renamed
