{#-
    People are said to love best the music of when they were 16 to 21. So the listening age is that
    of someone who was in the middle of those years when the music came out which the listener plays
    more of than listeners of the same age do.
-#}
{%- set span_years = 5 -%}
{%- set formative_age = 18 -%}
{%- set most_age = 100 -%}

with

user_track_years as (

    select * from {{ ref('int_user_track_years') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

release_years as (

    select
        user_track_years.user_key,
        user_track_years.wrapped_year,
        tracks.release_year,
        sum(user_track_years.listen_count) as listen_count
    from user_track_years
    inner join tracks
        on user_track_years.track_key = tracks.track_key
    where
        user_track_years.listen_count > 0
        and tracks.release_year is not null
    group by user_track_years.user_key, user_track_years.wrapped_year, tracks.release_year

),

span_offsets as (

    {% for offset in range(span_years) %}
        select {{ offset }} as year_offset
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

{#- Every span of five years, up to the one that ends with the year itself. #}

spans as (

    select
        release_years.user_key,
        release_years.wrapped_year,
        release_years.release_year - span_offsets.year_offset as span_starts_year,
        cast(sum(release_years.listen_count) as bigint) as listen_count
    from release_years
    cross join span_offsets
    where
        release_years.release_year - span_offsets.year_offset + {{ span_years - 1 }}
        <= release_years.wrapped_year
    group by
        release_years.user_key,
        release_years.wrapped_year,
        release_years.release_year - span_offsets.year_offset

),

{#- Ages are those of the year's end, in groups of five years; without a birth there is none. #}

listeners as (

    select
        release_years.user_key,
        release_years.wrapped_year,
        cast(floor((release_years.wrapped_year - {{ year_of('users.born_on') }}) / 5) as integer)
            as age_group,
        cast(sum(release_years.listen_count) as bigint) as listen_count
    from release_years
    inner join users
        on release_years.user_key = users.user_key
    group by
        release_years.user_key,
        release_years.wrapped_year,
        floor((release_years.wrapped_year - {{ year_of('users.born_on') }}) / 5)

),

age_groups as (

    select
        age_group,
        wrapped_year,
        count(*) as peer_count
    from listeners
    group by age_group, wrapped_year

),

{#- Shares as decimals, so that their sum does not depend on the order. #}

span_shares as (

    select
        spans.user_key,
        spans.wrapped_year,
        listeners.age_group,
        spans.span_starts_year,
        spans.listen_count,
        cast(
            cast(spans.listen_count as double) / listeners.listen_count as decimal(18, 9)
        ) as listen_share
    from spans
    inner join listeners
        on
            spans.user_key = listeners.user_key
            and spans.wrapped_year = listeners.wrapped_year

),

peer_shares as (

    select
        span_shares.age_group,
        span_shares.wrapped_year,
        span_shares.span_starts_year,
        min(age_groups.peer_count) as peer_count,
        cast(sum(span_shares.listen_share) as double) / min(age_groups.peer_count) as listen_share
    from span_shares
    inner join age_groups
        on
            span_shares.age_group = age_groups.age_group
            and span_shares.wrapped_year = age_groups.wrapped_year
    group by span_shares.age_group, span_shares.wrapped_year, span_shares.span_starts_year

),

ranked_spans as (

    select
        span_shares.user_key,
        span_shares.wrapped_year,
        span_shares.span_starts_year,
        peer_shares.peer_count,
        row_number() over (
            partition by span_shares.user_key, span_shares.wrapped_year
            order by
                cast(span_shares.listen_share as double) - peer_shares.listen_share desc,
                span_shares.listen_count desc,
                span_shares.span_starts_year desc
        ) as span_rank
    from span_shares
    inner join peer_shares
        on
            span_shares.age_group = peer_shares.age_group
            and span_shares.wrapped_year = peer_shares.wrapped_year
            and span_shares.span_starts_year = peer_shares.span_starts_year

),

final as (

    select
        user_key,
        wrapped_year,
        span_starts_year,
        least(
            wrapped_year - span_starts_year - {{ span_years // 2 }} + {{ formative_age }},
            {{ most_age }}
        ) as listening_age,
        peer_count
    from ranked_spans
    where span_rank = 1

)

select * from final
