with

users as (

    select * from {{ ref('stg_playback__users') }}

)

select * from users
