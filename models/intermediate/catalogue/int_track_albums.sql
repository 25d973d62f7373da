with

tracks as (

    select
        track_key,
        artist_key,
        {{ folded_text('album_name') }} as folded_album_name,
        track_number,
        released_on
    from {{ ref('int_tracks_joined') }}
    where
        {{ folded_text('album_name') }} is not null
        or released_on is not null

),

-- many artists may have a "Greatest Hits" of one year, but each with tracks of their own
compilations as (

    select
        folded_album_name,
        released_on
    from tracks
    where folded_album_name is not null
    group by folded_album_name, released_on
    having
        count(distinct artist_key) >= 4
        and count(*) < 2 * count(distinct artist_key)

),

identified as (

    select
        tracks.track_key,
        case when compilations.released_on is null then tracks.artist_key end as artist_key,
        tracks.folded_album_name,
        tracks.track_number,
        case
            when tracks.folded_album_name is null or compilations.released_on is not null
                then tracks.released_on
        end as released_on
    from tracks
    left join compilations
        on
            tracks.folded_album_name = compilations.folded_album_name
            and tracks.released_on = compilations.released_on

),

gathered as (

    select
        track_key,
        artist_key,
        track_number,
        min(track_key) over (
            partition by artist_key, folded_album_name, released_on
        ) as first_track_key
    from identified

),

placed as (

    select
        track_key,
        cast(dense_rank() over (order by first_track_key) - 1 as integer) as album_key,
        artist_key,
        cast(
            row_number() over (
                partition by first_track_key
                order by track_number asc nulls last, track_key asc
            ) as integer
        ) as album_position
    from gathered

)

select * from placed
