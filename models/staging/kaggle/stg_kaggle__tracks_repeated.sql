with

source as (

    select * from {{ source('kaggle', 'tracks') }}

),

first_of_each_id as (

    select
        id,
        min(track_key) as track_key
    from source
    group by id

),

repeated as (

    select
        source.track_key,
        first_of_each_id.track_key as first_track_key
    from source
    inner join first_of_each_id
        on
            source.id = first_of_each_id.id
            and source.track_key > first_of_each_id.track_key

)

select * from repeated
