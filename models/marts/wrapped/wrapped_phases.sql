{%- set phase_months = (
    (var('wrapped_last_month') - var('wrapped_first_month') + 1) / 3
) | round(0, 'ceil') | int -%}

with

user_artist_months as (

    select * from {{ ref('int_user_artist_months') }}

),

artists as (

    select * from {{ ref('dim_artists') }}

),

artist_phases as (

    select
        user_artist_months.user_key,
        user_artist_months.artist_key,
        artists.primary_genre_id as genre_id,
        user_artist_months.wrapped_year,
        cast(floor(
            (
                extract(month from user_artist_months.local_month)
                - {{ var('wrapped_first_month') }}
            ) / {{ phase_months }}
        ) as integer) + 1 as phase_number,
        sum(user_artist_months.listen_count) as listen_count,
        sum(user_artist_months.listening_ms) as listening_ms
    from user_artist_months
    inner join artists
        on user_artist_months.artist_key = artists.artist_key
    where
        user_artist_months.wrapped_year is not null
        and artists.primary_genre_id is not null
    group by
        user_artist_months.user_key,
        user_artist_months.artist_key,
        artists.primary_genre_id,
        user_artist_months.wrapped_year,
        floor(
            (
                extract(month from user_artist_months.local_month)
                - {{ var('wrapped_first_month') }}
            ) / {{ phase_months }}
        )
    having sum(user_artist_months.listen_count) > 0

),

genre_phases as (

    select
        user_key,
        genre_id,
        wrapped_year,
        phase_number,
        sum(listen_count) as listen_count
    from artist_phases
    group by user_key, genre_id, wrapped_year, phase_number

),

{#- What sets a phase apart: the genre that takes most more of it than of the whole year. #}

totalled as (

    select
        *,
        sum(listen_count) over (partition by user_key, wrapped_year, phase_number)
            as phase_listen_count,
        sum(listen_count) over (partition by user_key, wrapped_year, genre_id)
            as genre_listen_count,
        sum(listen_count) over (partition by user_key, wrapped_year) as year_listen_count
    from genre_phases

),

ranked_genres as (

    select
        *,
        row_number() over (
            partition by user_key, wrapped_year, phase_number
            order by
                cast(listen_count as double) / phase_listen_count
                - cast(genre_listen_count as double) / year_listen_count desc,
                listen_count desc,
                genre_id asc
        ) as genre_rank
    from totalled

),

ranked_artists as (

    select
        artist_phases.user_key,
        artist_phases.artist_key,
        ranked_genres.genre_id,
        ranked_genres.wrapped_year,
        ranked_genres.phase_number,
        ranked_genres.phase_listen_count,
        ranked_genres.listen_count as genre_listen_count,
        row_number() over (
            partition by
                artist_phases.user_key,
                artist_phases.wrapped_year,
                artist_phases.phase_number
            order by
                artist_phases.listen_count desc,
                artist_phases.listening_ms desc,
                artist_phases.artist_key asc
        ) as artist_rank
    from artist_phases
    inner join ranked_genres
        on
            artist_phases.user_key = ranked_genres.user_key
            and artist_phases.wrapped_year = ranked_genres.wrapped_year
            and artist_phases.phase_number = ranked_genres.phase_number
            and artist_phases.genre_id = ranked_genres.genre_id
            and ranked_genres.genre_rank = 1

),

final as (

    select
        user_key,
        genre_id,
        artist_key,
        wrapped_year,
        phase_number,
        {{ var('wrapped_first_month') }} + (phase_number - 1) * {{ phase_months }} as first_month,
        least(
            {{ var('wrapped_first_month') }} + phase_number * {{ phase_months }} - 1,
            {{ var('wrapped_last_month') }}
        ) as last_month,
        cast(phase_listen_count as bigint) as listen_count,
        cast(genre_listen_count as bigint) as genre_listen_count
    from ranked_artists
    where artist_rank = 1

)

select * from final
