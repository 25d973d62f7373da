with

source as (

    select * from {{ source('playback', 'user_traits') }}

),

renamed as (

    select
        user_key,
        plays_per_day,
        active_day_share,
        tracks_per_session,
        weekend_ratio,
        chronotype_hours,
        skip_propensity,
        skip_persistence,
        skip_haste,
        partial_share,
        repeat_share,
        recency_share,
        same_artist_share,
        same_track_share,
        shuffle_share,
        pause_share,
        obsession_share,
        like_share,
        is_familiar,
        is_new,
        is_loyal,
        is_common
    from source

)

select * from renamed
