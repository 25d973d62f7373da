{#- Kind of item, its years, key, dimension, and the dimension's id and name. -#}
{%- set kinds = [
    ('track', 'user_track_years', 'track_key', 'tracks', 'track_id', 'track_name'),
    ('artist', 'user_artist_years', 'artist_key', 'artists', 'artist_id', 'artist_name'),
    ('genre', 'user_genre_years', 'genre_id', 'genres', 'genre_id', 'genre_name'),
] -%}

with

user_track_years as (

    select * from {{ ref('int_user_track_years') }}

),

user_artist_years as (

    select * from {{ ref('int_user_artist_years') }}

),

user_genre_years as (

    select * from {{ ref('int_user_genre_years') }}

),

tracks as (

    select * from {{ ref('dim_tracks') }}

),

artists as (

    select * from {{ ref('dim_artists') }}

),

genres as (

    select * from {{ ref('dim_genres') }}

),

{#- A listener who only skipped it is no listener of it; what they heard counts. #}

{% for kind, user_years, key, _, _, _ in kinds %}

    {{ kind }}_years as (

        select
            {{ key }},
            wrapped_year,
            count(*) filter (where listen_count > 0) as listener_count,
            sum(listen_count) as listen_count,
            sum(listening_ms) as listening_ms
        from {{ user_years }}
        group by {{ key }}, wrapped_year

    ),

{% endfor %}

items as (

    {% for kind, _, key, dimension, id, name in kinds %}
        select
            '{{ kind }}' as item_kind,
            {{ dimension }}.{{ id }} as item_id,
            {{ dimension }}.{{ name }} as item_name,
            {{ kind }}_years.wrapped_year,
            {{ kind }}_years.listener_count,
            {{ kind }}_years.listen_count,
            {{ kind }}_years.listening_ms
        from {{ kind }}_years
        inner join {{ dimension }}
            on {{ kind }}_years.{{ key }} = {{ dimension }}.{{ key }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

top_items as (

    {{ top_list('items', ['item_kind', 'wrapped_year'], 'item_id') }}

),

final as (

    select
        item_kind,
        item_id,
        item_name,
        wrapped_year,
        list_rank as item_rank,
        listener_count,
        cast(listen_count as bigint) as listen_count,
        {{ minutes_of('listening_ms') }} as minutes
    from top_items

)

select * from final
