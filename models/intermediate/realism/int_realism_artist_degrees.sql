{#- The study of artist degrees lists this many artists a listener, the most played ones. -#}
{%- set listed_artists = 50 -%}

with

user_artists as (

    select
        user_key,
        artist_key,
        sum(play_count) as play_count
    from {{ ref('int_realism_user_tracks') }}
    where window_days = 365
    group by user_key, artist_key

),

ranked_user_artists as (

    select
        user_key,
        artist_key,
        play_count,
        row_number() over (
            partition by user_key
            order by play_count desc, artist_key asc
        ) as artist_rank
    from user_artists

),

artist_degrees as (

    select
        artist_key,
        cast(sum(play_count) as bigint) as play_count,
        count(*) filter (where artist_rank <= {{ listed_artists }}) as listing_count,
        cast(
            sum(case when artist_rank <= {{ listed_artists }} then play_count else 0 end) as bigint
        ) as listed_play_count
    from ranked_user_artists
    group by artist_key

)

select * from artist_degrees
