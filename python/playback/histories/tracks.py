"""The catalogue of a history: a key for each track and artist, and what is known of them."""

import duckdb

from playback.histories import track_uses
from playback.histories.rows import UNKNOWN_ARTIST
from playback.warehouse import AUDIO_FEATURES, Warehouse


def land(warehouse: Warehouse) -> None:
    """Have a track for each artist and title of the chosen plays, as they are compared.

    Leaves their keys in the temporary table `placed_tracks`.
    """
    track_uses.gather(warehouse.connection)
    _forget_tracks(warehouse)
    _place_tracks(warehouse)
    _append_catalogue(warehouse)


def _forget_tracks(warehouse: Warehouse) -> None:
    """Take the tracks and artists out of the catalogue that an import has put there."""
    for statement in (
        """
        delete from raw.tracks_extended where track_id in (
            select id from raw.tracks inner join raw.imported_tracks using (track_key)
        )
        """,
        "delete from raw.tracks where track_key in (select track_key from raw.imported_tracks)",
        "delete from raw.artists where artist_key in (select artist_key from raw.imported_artists)",
    ):
        warehouse.connection.execute(statement)
    warehouse.clear("imported_tracks", "imported_artists", "imported_track_uris")


def _place_tracks(warehouse: Warehouse) -> None:
    """Give each track its key: that of the catalogue's track, by id or name, or one of its own.

    Two tracks of a history may be one of the catalogue.
    """
    connection = warehouse.connection
    connection.execute(
        """
        create or replace temp table catalogue_tracks (
            track_key integer, track_id varchar, artist_key integer, folded_artist varchar,
            folded_track varchar, popularity double
        )
        """
    )
    if warehouse.count("raw.tracks"):
        connection.execute(
            """
            insert into catalogue_tracks
            select
                track_key, track_id, artist_key, folded(artist_name), folded(track_name), popularity
            from main.dim_tracks
            where not is_imported
            """
        )
    connection.execute(
        """
        create or replace temp table placed_tracks as
        with by_id as (
            select
                track_uses.folded_artist,
                track_uses.folded_track,
                max_by(
                    catalogue_tracks.track_key, (track_uses.uses, -catalogue_tracks.track_key)
                ) as track_key
            from track_uses
            inner join catalogue_tracks
                on track_uses.track_uri = 'spotify:track:' || catalogue_tracks.track_id
            group by track_uses.folded_artist, track_uses.folded_track
        ),
        by_name as (
            select
                folded_artist,
                folded_track,
                max_by(track_key, (popularity, -track_key)) as track_key
            from catalogue_tracks
            group by folded_artist, folded_track
        ),
        found as (
            select
                tracks.*,
                coalesce(by_id.track_key, by_name.track_key) as catalogue_track_key
            from tracks
            left join by_id using (folded_artist, folded_track)
            left join by_name using (folded_artist, folded_track)
        )
        select
            *,
            catalogue_track_key is not null as is_of_catalogue,
            cast(
                coalesce(
                    catalogue_track_key,
                    (select coalesce(max(track_key) + 1, 0) from raw.tracks)
                    + row_number() over (
                        partition by catalogue_track_key is null
                        order by folded_artist, folded_track
                    ) - 1
                ) as integer
            ) as track_key
        from found
        """
    )
    connection.execute(
        """
        create or replace temp table placed_artists as
        with known as (
            select folded_artist, min(artist_key) as known_artist_key
            from catalogue_tracks
            group by folded_artist
        ),
        wanted as (
            select artists.folded_artist, artists.name, known.known_artist_key
            from artists
            left join known using (folded_artist)
            where folded_artist in (
                select folded_artist from placed_tracks where not is_of_catalogue
            )
        )
        select
            folded_artist,
            name,
            known_artist_key is not null as is_of_catalogue,
            cast(
                coalesce(
                    known_artist_key,
                    (select coalesce(max(artist_key) + 1, 0) from raw.artists)
                    + row_number() over (
                        partition by known_artist_key is null order by folded_artist
                    ) - 1
                ) as integer
            ) as artist_key
        from wanted
        """
    )


def _gather_facts(connection: duckdb.DuckDBPyConnection) -> None:
    """What is known of tracks beside the plays: of a catalogue, and of files of track features.

    Those name a track by its id alone, as the plays that belong to them do.
    """
    features = ", ".join((*AUDIO_FEATURES, "time_signature"))
    connection.execute(
        f"""
        create or replace temp table track_facts as
        with of_features as (
            select
                folded($unknown_artist) as folded_artist,
                folded(track_name) as folded_track,
                'track id' as matched_by,
                popularity,
                duration_ms,
                cast(release_year as varchar) as release_date,
                release_year as year,
                {features}
            from chosen_features
        )
        select * from raw.imported_track_facts
        union all by name
        select *
        from of_features
        anti join raw.imported_track_facts using (folded_artist, folded_track)
        """,  # noqa: S608 - columns of our own
        {"unknown_artist": UNKNOWN_ARTIST},
    )


def _append_catalogue(warehouse: Warehouse) -> None:
    """Put those tracks and artists into the catalogue that it does not have."""
    connection = warehouse.connection
    connection.execute(
        """
        create or replace temp table new_artists as
        with identified as (
            select
                placed_artists.*,
                facts.artist_id,
                facts.genres,
                facts.popularity,
                facts.followers,
                row_number() over (
                    partition by facts.artist_id order by placed_artists.artist_key
                ) as id_use
            from placed_artists
            left join raw.imported_artist_facts as facts using (folded_artist)
            where not placed_artists.is_of_catalogue
        )
        select
            artist_key,
            coalesce(
                case
                    when id_use = 1 and artist_id not in (select id from raw.artists)
                        then artist_id
                end,
                made_up_id(folded_artist)
            ) as id,
            name,
            coalesce(genres, '[]') as genres,
            popularity,
            followers
        from identified
        order by artist_key
        """
    )
    warehouse.fill("artists", "select * from new_artists")
    warehouse.fill("imported_artists", "select artist_key from new_artists")
    _gather_facts(connection)
    connection.execute(
        """
        create or replace temp table new_tracks as
        with identified as (
            select
                placed_tracks.* exclude (id, duration_ms),
                coalesce(placed_tracks.id, facts.track_id) as given_id,
                coalesce(placed_tracks.duration_ms, facts.duration_ms) as known_ms,
                facts.* exclude (folded_artist, folded_track, track_id, duration_ms)
            from placed_tracks
            left join track_facts as facts using (folded_artist, folded_track)
            where not placed_tracks.is_of_catalogue
        ),
        counted as (
            select
                *,
                row_number() over (partition by given_id order by track_key) as id_use
            from identified
        )
        select
            counted.* exclude (name),
            counted.name as track_name,
            artists.name as artist_name,
            artists.id as artist_id,
            coalesce(
                case
                    when id_use = 1 and given_id not in (select id from raw.tracks) then given_id
                end,
                made_up_id(folded_artist || chr(10) || folded_track)
            ) as id
        from counted
        inner join placed_artists using (folded_artist)
        inner join raw.artists on placed_artists.artist_key = artists.artist_key
        order by counted.track_key
        """
    )
    features = ", ".join((*AUDIO_FEATURES, "time_signature"))
    warehouse.fill(
        "tracks",
        f"""
        select
            track_key,
            id,
            track_name as name,
            album_name,
            popularity,
            coalesce(known_ms, usual_ms) as duration_ms,
            explicit,
            text_list(artist_name) as artists,
            text_list(artist_id) as id_artists,
            release_date,
            {features}
        from new_tracks
        """,  # noqa: S608 - columns of our own
    )
    warehouse.fill(
        "tracks_extended",
        f"""
        select
            artist_name,
            track_name,
            id as track_id,
            popularity,
            year,
            genre,
            known_ms as duration_ms,
            {features}
        from new_tracks
        where genre is not null
        """,  # noqa: S608 - columns of our own
    )
    warehouse.fill(
        "imported_tracks",
        """
        select
            track_key,
            known_ms is null and usual_ms is not null as is_duration_estimated,
            matched_by
        from new_tracks
        """,
    )
    warehouse.fill(
        "imported_track_uris",
        """
        select
            placed_tracks.track_key, track_uses.track_uri, sum(track_uses.uses) as play_count
        from track_uses
        inner join placed_tracks using (folded_artist, folded_track)
        where track_uses.track_uri is not null
        group by placed_tracks.track_key, track_uses.track_uri
        order by all
        """,
    )
