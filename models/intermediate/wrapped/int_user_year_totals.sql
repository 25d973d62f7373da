{#-
    Sums of logarithms and of shares are sums of decimals: a sum of doubles may differ in its last
    bit from run to run.
-#}

with

user_track_years as (

    select * from {{ ref('int_user_track_years') }}

),

user_artist_years as (

    select * from {{ ref('int_user_artist_years') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

{#- How popular a track is among those of its primary genre. #}

ranked_tracks as (

    select
        track_key,
        primary_genre_id,
        released_on,
        case
            when popularity is not null
                then cast(
                    percent_rank() over (
                        partition by primary_genre_id, popularity is null
                        order by popularity
                    ) as decimal(18, 9)
                )
        end as less_popular_share
    from tracks

),

listened_tracks as (

    select
        user_track_years.*,
        ranked_tracks.less_popular_share,
        {{ dbt.datediff(
            'ranked_tracks.released_on', 'user_track_years.first_played_at', 'month'
        ) }} as age_months,
        case when user_track_years.listen_count > 0 then ranked_tracks.primary_genre_id end
            as genre_id
    from user_track_years
    inner join ranked_tracks
        on user_track_years.track_key = ranked_tracks.track_key

),

by_track as (

    select
        user_key,
        wrapped_year,
        cast(sum(month_count) as bigint) as track_month_count,
        cast(sum(play_count) as bigint) as play_count,
        cast(sum(listen_count) as bigint) as listen_count,
        cast(sum(timed_count) as bigint) as timed_count,
        cast(sum(skip_count) as bigint) as skip_count,
        cast(sum(complete_count) as bigint) as complete_count,
        cast(sum(listening_ms) as bigint) as listening_ms,
        count(*) filter (where listen_count > 0) as track_count,
        count(distinct genre_id) as genre_count,
        cast(sum(cast(ln(
            case when age_months > 0 then 1 + age_months when age_months <= 0 then 1 end
        ) as decimal(18, 9))) as double) / count(age_months) as mean_log_age,
        cast(sum(play_count * less_popular_share) as double)
        / sum(case when less_popular_share is not null then play_count end)
            as mean_less_popular_share,
        min(first_played_at) as first_played_at
    from listened_tracks
    group by user_key, wrapped_year

),

{#- Two plays of no length may begin at one moment: then the smaller key counts. #}

first_tracks as (

    select
        by_track.user_key,
        by_track.wrapped_year,
        min(user_track_years.track_key) as track_key
    from by_track
    inner join user_track_years
        on
            by_track.user_key = user_track_years.user_key
            and by_track.wrapped_year = user_track_years.wrapped_year
            and by_track.first_played_at = user_track_years.first_played_at
    group by by_track.user_key, by_track.wrapped_year

),

by_artist as (

    select
        user_key,
        wrapped_year,
        count(*) filter (where listen_count > 0) as artist_count,
        cast(sum(play_count * (play_count - 1)) as bigint) as same_artist_pair_count
    from user_artist_years
    group by user_key, wrapped_year

),

{#- A first listen of all years, in the year that it falls in. #}

first_track_years as (

    select
        user_key,
        min(wrapped_year) as wrapped_year
    from user_track_years
    where listen_count > 0
    group by user_key, track_key

),

new_tracks as (

    select
        user_key,
        wrapped_year,
        count(*) as track_count
    from first_track_years
    group by user_key, wrapped_year

),

first_artist_years as (

    select
        user_key,
        min(wrapped_year) as wrapped_year
    from user_artist_years
    where listen_count > 0
    group by user_key, artist_key

),

new_artists as (

    select
        user_key,
        wrapped_year,
        count(*) as artist_count
    from first_artist_years
    group by user_key, wrapped_year

),

final as (

    select
        by_track.user_key,
        first_tracks.track_key as first_track_key,
        by_track.wrapped_year,
        by_track.play_count,
        by_track.listen_count,
        by_track.timed_count,
        by_track.skip_count,
        by_track.complete_count,
        by_track.listening_ms,
        by_track.track_count,
        by_artist.artist_count,
        by_track.genre_count,
        coalesce(new_tracks.track_count, 0) as new_track_count,
        coalesce(new_artists.artist_count, 0) as new_artist_count,
        by_track.track_month_count,
        by_artist.same_artist_pair_count,
        by_track.mean_log_age,
        by_track.mean_less_popular_share,
        by_track.track_count >= {{ var('wrapped_least_tracks') }}
        and by_artist.artist_count >= {{ var('wrapped_least_artists') }} as is_eligible,
        by_track.first_played_at
    from by_track
    inner join by_artist
        on
            by_track.user_key = by_artist.user_key
            and by_track.wrapped_year = by_artist.wrapped_year
    inner join first_tracks
        on
            by_track.user_key = first_tracks.user_key
            and by_track.wrapped_year = first_tracks.wrapped_year
    left join new_tracks
        on
            by_track.user_key = new_tracks.user_key
            and by_track.wrapped_year = new_tracks.wrapped_year
    left join new_artists
        on
            by_track.user_key = new_artists.user_key
            and by_track.wrapped_year = new_artists.wrapped_year

)

select * from final
