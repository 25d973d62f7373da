"""What there is to export: the marts, the listening feed, the Wrapped feed."""

from collections.abc import Callable
from dataclasses import dataclass

from playback.errors import PlaybackError
from playback.products.tables import Table
from playback.warehouse import Warehouse

FEED_SCHEMA = "feeds"
"""Schema of the views that are shipped as they are."""

_KEYS_OF_LARGE_MARTS = {
    "agg_user_half_hours": ("user_key", "half_hour_at"),
    "agg_user_track_months": ("user_key", "track_key", "played_month"),
    "edge_list": ("user_key", "track_key"),
    "graph_listens": ("source_index", "target_index"),
}


@dataclass(frozen=True)
class Feed:
    """Some tables that leave together.

    Attributes:
        name: what the command line calls it: the kind of its files.
        folder: where it goes, inside the folder of all exports.
        title: what people call it.
        summary: what it is, in one sentence.
        tables: the tables that a warehouse has for it.
    """

    name: str
    folder: str
    title: str
    summary: str
    tables: Callable[[Warehouse], list[Table]]

    def tables_in(self, warehouse: Warehouse) -> list[Table]:
        """The tables of the feed.

        Raises:
            PlaybackError: one of them has not been built yet.
        """
        tables = self.tables(warehouse)
        missing = [
            table.relation
            for table in tables
            if not warehouse.has_relation(table.relation, table.schema)
        ]
        if missing or not tables:
            raise PlaybackError(
                f"{warehouse.database} has no {missing[0] if missing else 'marts'} yet: "
                "run `playback build` first"
            )
        return tables


def _marts(warehouse: Warehouse) -> list[Table]:
    names = warehouse.rows(
        "select table_name from information_schema.tables "
        "where table_schema = 'main' and (table_type = 'BASE TABLE' or table_name = 'fct_plays') "
        "order by table_name"
    )
    return [
        Table(
            name,
            "parquet",
            "main",
            name,
            moment="ended_at",
            month="played_month",
            key=("event_id",),
            counted_in="raw.user_events",
        )
        if name == "fct_plays"
        else Table(name, "parquet", "main", name, key=_KEYS_OF_LARGE_MARTS.get(name, ()))
        for (name,) in names
    ]


def _listening(_: Warehouse) -> list[Table]:
    return [
        _shipped("synthetic_sessions", "csv", moment="timestamp"),
        _shipped("synthetic_artists", "csv"),
        _shipped("synthetic_songs", "csv"),
        _shipped("synthetic_users", "csv"),
        _shipped("synthetic_genres", "csv"),
        _shipped("synthetic_artist_genres", "csv"),
        _shipped("synthetic_song_genres", "csv"),
        _shipped("synthetic_user_genre_preferences", "csv"),
        _shipped("edge_list", "parquet", in_window=True),
    ]


def _wrapped(_: Warehouse) -> list[Table]:
    return [
        _shipped("users", "avro"),
        _shipped("tracks", "avro"),
        _shipped("artists", "avro"),
        _shipped("user_events", "avro", moment="timestamp"),
    ]


def _shipped(
    name: str,
    suffix: str,
    moment: str | None = None,
    *,
    in_window: bool = False,
) -> Table:
    return Table(name, suffix, FEED_SCHEMA, f"feed_{name}", moment=moment, in_window=in_window)


FEEDS = {
    feed.name: feed
    for feed in (
        Feed(
            "parquet",
            "",
            "Playback marts",
            "Every mart of the warehouse: the catalogue, the listeners, each play, and what is "
            "summed up from them.",
            _marts,
        ),
        Feed(
            "csv",
            "csv",
            "Playback listening feed",
            "Listening sessions of a music-streaming service with its listeners, songs, artists "
            "and genres, and the edges of the graph between listeners and songs.",
            _listening,
        ),
        Feed(
            "avro",
            "avro",
            "Playback Wrapped feed",
            "Listeners, tracks, artists and every play of a music-streaming service, from which "
            "a yearly review of each listener can be made.",
            _wrapped,
        ),
    )
}
"""By name, in the order they are exported in."""
