with

artist_genres_ranked as (

    select * from {{ ref('int_artist_genres_ranked') }}

),

final as (

    select
        artist_key,
        genre_id,
        evidence,
        genre_position,
        genre_position = 1 as is_primary
    from artist_genres_ranked

)

select * from final
