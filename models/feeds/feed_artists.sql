with

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

final as (

    select
        artist_id as id,
        artist_name as name,
        followers,
        popularity
    from dim_artists

)

select * from final
