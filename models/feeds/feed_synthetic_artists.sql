with

dim_artists as (

    select * from {{ ref('dim_artists') }}

),

final as (

    select
        artist_id,
        artist_name,
        popularity
    from dim_artists

)

select * from final
