{#- The study of artist degrees lists this many artists of each listener, the most played ones. -#}
{%- set listed_artists = 50 -%}
{#-
    The exponents of the power law of whole numbers from 1 and from 10 on, in closed form: Clauset,
    Shalizi and Newman, "Power-law distributions in empirical data", SIAM Review 51, 2009, (3.7).
    Their logarithms are floats, so that the sum is rounded.
-#}
{%- set digits = 6 -%}

with

user_artists as (

    select
        user_key,
        artist_key,
        count(*) as play_count
    from {{ ref('int_realism_plays') }}
    where is_sampled and window_days = 365
    group by user_key, artist_key

),

catalogue_size as (

    select
        greatest(1, floor(count(*) / cast(100 as double))) as top_1pct,
        greatest(1, floor(count(*) / cast(10 as double))) as top_10pct
    from {{ ref('dim_artists') }}

),

ranked_user_artists as (

    select
        *,
        row_number() over (
            partition by user_key
            order by play_count desc, artist_key asc
        ) as user_rank
    from user_artists

),

artists as (

    select
        artist_key,
        cast(sum(play_count) as bigint) as play_count,
        count(*) filter (where user_rank <= {{ listed_artists }}) as listing_count,
        cast(
            sum(case when user_rank <= {{ listed_artists }} then play_count else 0 end) as bigint
        ) as listed_play_count
    from ranked_user_artists
    group by artist_key

),

{#- How plays concentrate, over all artists of the catalogue, played or not. #}

ranked_artists as (

    select
        artists.play_count,
        catalogue_size.top_1pct,
        catalogue_size.top_10pct,
        row_number() over (order by artists.play_count desc) as artist_rank
    from artists
    cross join catalogue_size

),

concentration as (

    select
        cast(sum(case when artist_rank <= top_1pct then play_count end) as bigint)
            as top_1pct_count,
        cast(sum(case when artist_rank <= top_10pct then play_count end) as bigint)
            as top_10pct_count
    from ranked_artists

),

ranked_listed_artists as (

    select
        listing_count,
        listed_play_count,
        row_number() over (order by listed_play_count) as ascending_rank
    from artists
    where listing_count > 0

),

listed as (

    select
        count(*) as listed_artist_count,
        cast(sum(listing_count) as bigint) as listing_count,
        {{ gini('listed_play_count', 'ascending_rank') }} as artist_gini,
        round(
            1 + count(*) / sum(ln(listing_count / cast(0.5 as double))),
            {{ digits }}
        ) as exponent_low,
        round(
            1 + count(*) filter (where listing_count >= 10)
            / sum(case when listing_count >= 10 then ln(listing_count / cast(9.5 as double)) end),
            {{ digits }}
        ) as exponent_high
    from ranked_listed_artists

),

final as (

    select
        concentration.*,
        listed.*
    from concentration
    cross join listed

)

select * from final
