with

user_genre_preferences as (

    select * from {{ ref('stg_playback__user_genre_preferences') }}

),

dim_users as (

    select * from {{ ref('dim_users') }}

),

dim_genres as (

    select * from {{ ref('dim_genres') }}

),

final as (

    select
        dim_users.user_id,
        dim_genres.genre_id,
        dim_genres.genre_name,
        user_genre_preferences.affinity_score
    from user_genre_preferences
    inner join dim_users
        on user_genre_preferences.user_key = dim_users.user_key
    inner join dim_genres
        on user_genre_preferences.genre_id = dim_genres.genre_id

)

select * from final
