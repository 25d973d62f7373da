-- Every landed track is accounted for exactly once.
with

landed as (

    select track_key from {{ ref('stg_catalogue__tracks') }}

),

accounted_for as (

    select track_key from {{ ref('dim_tracks') }}
    union all
    select track_key from {{ ref('int_tracks_reviewed') }}
    where exclusion_reason is not null

),

miscounted as (

    select landed.track_key
    from landed
    left join accounted_for
        on landed.track_key = accounted_for.track_key
    group by landed.track_key
    having count(accounted_for.track_key) <> 1

)

select * from miscounted
