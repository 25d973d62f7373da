"""Land imported plays: what was read is kept as it came, all else is worked out from it anew.

raw.imported_files and raw.imported_plays hold every play that a file has, duplicates included. The
catalogue, the listeners and raw.user_events are a function of those rows alone, whatever the order
they came in. So importing the same files again, or overlapping ones in any order, gives the same
world.
"""

from playback import __version__, timezones
from playback.histories import tracks
from playback.player.history import DAY_BITS, POSITION_BITS
from playback.warehouse import Warehouse

SAME_SCROBBLE_SECONDS = 15
"""Two scrobbles of one track closer than that are one play that two programs have sent: the
shortest track that is scrobbled lasts 30 seconds, and half of it has to be heard."""

VERSION = 1
"""Raise it when the same rows would land differently."""

CHANGED = (
    *("artists", "tracks", "tracks_extended", "users", "source_files", "rejected_rows"),
    *("imported_files", "imported_plays", "imported_track_features", "imported_listeners"),
)
"""The raw tables that an import changes in place."""

_MACROS = (
    r"""
    create or replace temp macro folded(name) as
        coalesce(lower(trim(regexp_replace(nfc_normalize(name), '\s+', ' ', 'g'))), '')
    """,
    """
    create or replace temp macro made_up_id(name) as 'H' || left(md5(name), 21)
    """,
    r"""
    create or replace temp macro text_list(name) as
        '[''' || replace(replace(name, '\', '\\'), '''', '\''') || ''']'
    """,
    """
    create or replace temp macro moment_of(started_at, ended_at) as
        date_trunc('second', coalesce(ended_at, started_at))
    """,
)
"""Names as they are compared: as the SQL macro `folded_text` has them, and accents written in one
way. Ids for what no service has given one: 22 characters, as Spotify's have. When a play was."""


def rebuild(warehouse: Warehouse) -> None:
    """Work out catalogue, listeners and plays from the rows that were imported.

    Call it inside a transaction.
    """
    _land_listeners(warehouse)
    _choose_plays(warehouse)
    _choose_features(warehouse)
    tracks.land(warehouse)
    _land_events(warehouse)
    _land_ledger(warehouse)


def _land_listeners(warehouse: Warehouse) -> None:
    """Listeners by name, behind those that are simulated."""
    warehouse.connection.execute(
        "delete from raw.users where user_key in (select user_key from raw.imported_listeners)"
    )
    warehouse.connection.execute(
        """
        create or replace temp table listeners as
        with first_key as (select coalesce(max(user_key) + 1, 0) as user_key from raw.users)
        select
            cast(first_key.user_key + row_number() over (order by listener) - 1 as integer)
                as user_key,
            listener,
            timezone
        from raw.imported_listeners
        cross join first_key
        """
    )
    warehouse.clear("imported_listeners")
    warehouse.fill("imported_listeners", "select * from listeners")
    warehouse.fill(
        "users",
        """
        select
            user_key,
            'U' || lpad(cast(user_key + 1 as varchar), 4, '0') as user_id,
            listener as username,
            timezone
        from listeners
        """,
    )


def _choose_plays(warehouse: Warehouse) -> None:
    """Of rows that are one play, one; each with its place in the listener's life."""
    warehouse.connection.execute(
        """
        create or replace temp table chosen_plays as
        with covered as (
            select
                plays.listener,
                cast(min(plays.ended_at) as date) as first_on,
                cast(max(plays.ended_at) as date) as last_on
            from raw.imported_plays as plays
            inner join raw.imported_files as files using (file_key)
            where files.format = 'spotify extended'
            group by plays.listener, plays.file_key
        ),
        identified as (
            select
                plays.*,
                files.format,
                folded(plays.artist_name) as folded_artist,
                folded(plays.track_name) as folded_track,
                moment_of(plays.started_at, plays.ended_at) as moment
            from raw.imported_plays as plays
            inner join raw.imported_files as files using (file_key)
        ),
        numbered as (
            select
                *,
                row_number() over (
                    partition by listener, moment, folded_artist, folded_track, listening_ms
                    order by
                        format <> 'spotify extended',
                        context_code desc,
                        track_uri,
                        track_name,
                        artist_name,
                        album_name,
                        started_at,
                        duration_ms,
                        is_private,
                        file_key,
                        place
                ) as copy_number
            from identified
            where not (
                format = 'spotify account'
                and exists (
                    select 1
                    from covered
                    where
                        covered.listener = identified.listener
                        and cast(identified.moment as date)
                        between covered.first_on and covered.last_on
                )
            )
        ),
        spaced as (
            select
                *,
                listening_ms is null
                and format <> 'mssd'
                and moment - lag(moment) over (
                    partition by listener, folded_artist, folded_track, listening_ms is null
                    order by moment
                ) < to_seconds($same_scrobble_seconds) as is_sent_twice
            from numbered
            where copy_number = 1
        )
        select
            listeners.user_key,
            (cast(listeners.user_key as bigint) << $bits)
            + row_number() over (
                partition by listeners.user_key
                order by
                    spaced.moment,
                    spaced.started_at,
                    spaced.folded_artist,
                    spaced.folded_track,
                    spaced.listening_ms
            ) - 1 as event_id,
            spaced.*
        from spaced
        inner join listeners on spaced.listener = listeners.listener
        where is_sent_twice is distinct from true
        """,
        {"same_scrobble_seconds": SAME_SCROBBLE_SECONDS, "bits": DAY_BITS + POSITION_BITS},
    )
    warehouse.clear("imported_events")
    warehouse.fill(
        "imported_events",
        "select event_id, file_key, place, is_private from chosen_plays order by event_id",
    )


def _choose_features(warehouse: Warehouse) -> None:
    """Of rows that tell of one track, one."""
    warehouse.connection.execute(
        """
        create or replace temp table chosen_features as
        select *
        from raw.imported_track_features
        qualify row_number() over (partition by folded(track_name) order by file_key, place) = 1
        """
    )
    warehouse.connection.execute(
        """
        update raw.imported_files set landed_track_count = (
            select count(*) from chosen_features
            where chosen_features.file_key = imported_files.file_key
        )
        """
    )


def _land_events(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        """
        create or replace temp table landed_plays as
        select
            chosen_plays.event_id,
            chosen_plays.user_key,
            placed_tracks.track_key,
            coalesce(chosen_plays.ended_at, chosen_plays.started_at) as ended_at,
            chosen_plays.listening_ms,
            chosen_plays.context_code
        from chosen_plays
        inner join placed_tracks using (folded_artist, folded_track)
        """
    )
    warehouse.replace_plays("landed_plays", "select user_key from listeners")


def _land_ledger(warehouse: Warehouse) -> None:
    """One row per listener and month, from the first day of the listener to the last."""
    warehouse.connection.execute(
        """
        delete from raw.simulation_batches
        where first_user_key in (select user_key from listeners)
        """
    )
    warehouse.fill(
        "simulation_batches",
        """
        with lives as (
            select
                user_key,
                cast(min(ended_at) as date) as first_on,
                cast(max(ended_at) as date) as last_on
            from landed_plays
            group by user_key
        ),
        months as (
            select
                user_key,
                first_on,
                last_on,
                cast(unnest(generate_series(
                    date_trunc('month', first_on), date_trunc('month', last_on), interval 1 month
                )) as date) as month
            from lives
        ),
        counts as (
            select
                user_key,
                cast(date_trunc('month', ended_at) as date) as month,
                count(*) as play_count
            from landed_plays
            group by all
        )
        select
            (select coalesce(max(batch_id), 0) from raw.simulation_batches)
            + row_number() over (order by month, user_key) as batch_id,
            greatest(months.month, months.first_on) as window_start,
            least(last_day(months.month), months.last_on) as window_end,
            months.user_key as first_user_key,
            months.user_key as last_user_key,
            coalesce(counts.play_count, 0) as play_count,
            'imported' as preset_hash,
            $tzdata_version as tzdata_version,
            $version as version
        from months
        left join counts using (user_key, month)
        """,
        tzdata_version=timezones.VERSION,
        version=__version__,
    )


def remember_plays(warehouse: Warehouse) -> None:
    """Keep in mind which plays there are before an import."""
    for macro in _MACROS:
        warehouse.connection.execute(macro)
    warehouse.connection.execute(
        """
        create or replace temp table former_plays as
        select
            plays.listener,
            moment_of(plays.started_at, plays.ended_at) as moment,
            folded(plays.artist_name) as folded_artist,
            folded(plays.track_name) as folded_track,
            plays.listening_ms
        from raw.imported_events as events
        inner join raw.imported_plays as plays using (file_key, place)
        """
    )
    warehouse.connection.execute(
        """
        create or replace temp table former_features as
        select distinct folded(track_name) as folded_track from raw.imported_track_features
        """
    )


_NEW_PLAYS = """
    select count(*)
    from chosen_plays
    anti join former_plays
        on
            chosen_plays.listener = former_plays.listener
            and chosen_plays.moment = former_plays.moment
            and chosen_plays.folded_artist = former_plays.folded_artist
            and chosen_plays.folded_track = former_plays.folded_track
            and chosen_plays.listening_ms is not distinct from former_plays.listening_ms
    where file_key = ?
"""
_NEW_TRACKS = """
    select count(*)
    from chosen_features
    where file_key = ? and folded(track_name) not in (select folded_track from former_features)
"""


def count_new(warehouse: Warehouse, file_key: str) -> int:
    """How many plays and tracks of a file were not there before this import."""
    if not warehouse.has_relation("chosen_plays"):
        return 0
    return sum(warehouse.rows(query, file_key)[0][0] for query in (_NEW_PLAYS, _NEW_TRACKS))
