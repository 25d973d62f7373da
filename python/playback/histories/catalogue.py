"""What files of a catalogue add to the tracks of a history: dates, genres, popularity, sound."""

from pathlib import Path

from playback.catalogue import kaggle
from playback.progress import Progress
from playback.warehouse import AUDIO_FEATURES, Warehouse

STAGE = "catalogue of histories"

_CATALOGUE_TABLES = ("artists", "tracks", "tracks_extended")
_FIRST_ITEM = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""


def learn(warehouse: Warehouse, folder: Path, progress: Progress) -> None:
    """Keep what the files say of tracks and artists of the histories, and nothing else of them.

    A track is matched by its id first, then by artist and title as they are compared; of several
    the most popular. Call it inside a transaction, in a world that was made of histories alone; the
    catalogue tables have to be filled again after it.

    Raises:
        PlaybackError: as the loader of the files does.
    """
    connection = warehouse.connection
    connection.execute(
        """
        delete from raw.source_files
        where source_file not in (select source_file from raw.imported_files)
        """
    )
    connection.execute(
        """
        delete from raw.rejected_rows
        where source_file not in (select source_file from raw.imported_files)
        """
    )
    warehouse.clear("missing_values", "imported_track_facts", "imported_artist_facts")
    warehouse.clear(*_CATALOGUE_TABLES)
    kaggle.land(warehouse, folder, progress)
    _match_tracks(warehouse)
    _match_artists(warehouse)
    warehouse.clear(*_CATALOGUE_TABLES)
    warehouse.record_stage(STAGE, kaggle.fingerprint(folder))


def _match_tracks(warehouse: Warehouse) -> None:
    features = ", ".join((*AUDIO_FEATURES, "time_signature"))
    first = ", ".join(
        f"coalesce(of_tracks.{it}, of_extended.{it}) as {it}"
        for it in (*AUDIO_FEATURES, "time_signature")
    )
    warehouse.connection.execute(
        f"""
        create or replace temp table file_tracks as
        with of_tracks as (
            select
                id as track_id,
                folded(name) as folded_track,
                folded(regexp_replace(
                    regexp_extract(artists, $item)[2:-2], '\\\\([''"\\\\])', '\\1', 'g'
                )) as folded_artist,
                popularity, duration_ms, explicit, release_date, {features}
            from raw.tracks
            qualify row_number() over (partition by id order by track_key) = 1
        ),
        of_extended as (
            select
                track_id,
                folded(track_name) as folded_track,
                folded(artist_name) as folded_artist,
                popularity, duration_ms, year, genre, {features}
            from raw.tracks_extended
            qualify row_number() over (
                partition by track_id order by popularity desc nulls last, genre
            ) = 1
        )
        select
            coalesce(of_tracks.track_id, of_extended.track_id) as track_id,
            coalesce(of_tracks.folded_artist, of_extended.folded_artist) as folded_artist,
            coalesce(of_tracks.folded_track, of_extended.folded_track) as folded_track,
            coalesce(of_tracks.popularity, of_extended.popularity) as popularity,
            coalesce(of_tracks.duration_ms, of_extended.duration_ms) as duration_ms,
            of_tracks.explicit,
            coalesce(of_tracks.release_date, cast(of_extended.year as varchar)) as release_date,
            of_extended.year,
            of_extended.genre,
            {first}
        from of_tracks
        full join of_extended on of_tracks.track_id = of_extended.track_id
        """,  # noqa: S608 - columns of our own
        {"item": _FIRST_ITEM},
    )
    warehouse.fill(
        "imported_track_facts",
        """
        with heard as (
            select distinct
                folded(artist_name) as folded_artist,
                folded(track_name) as folded_track,
                replace(track_uri, 'spotify:track:', '') as track_id
            from raw.imported_plays
        ),
        by_id as (
            select
                heard.folded_artist,
                heard.folded_track,
                'track id' as matched_by,
                file_tracks.* exclude (folded_artist, folded_track)
            from heard
            inner join file_tracks on heard.track_id = file_tracks.track_id
        ),
        by_name as (
            select distinct
                heard.folded_artist,
                heard.folded_track,
                'artist and title' as matched_by,
                file_tracks.* exclude (folded_artist, folded_track)
            from heard
            inner join file_tracks using (folded_artist, folded_track)
        )
        select *
        from (select * from by_id union all select * from by_name)
        qualify row_number() over (
            partition by folded_artist, folded_track
            order by matched_by = 'track id' desc, popularity desc nulls last, track_id
        ) = 1
        order by folded_artist, folded_track
        """,
    )


def _match_artists(warehouse: Warehouse) -> None:
    warehouse.fill(
        "imported_artist_facts",
        """
        select
            folded(name) as folded_artist,
            id as artist_id,
            followers,
            genres,
            popularity
        from raw.artists
        where folded(name) in (select distinct folded(artist_name) from raw.imported_plays)
        qualify row_number() over (
            partition by folded(name)
            order by popularity desc nulls last, followers desc nulls last, id
        ) = 1
        order by folded_artist
        """,
    )
