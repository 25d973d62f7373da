"""How the tables of an export hang together: what identifies a row, and what refers to it."""

from collections.abc import Collection

from playback.products.graph_marts import EDGE_TYPES, NODE_TYPES

_OF_LISTENER_YEAR = ("user_key", "wrapped_year")

KEYS: dict[str, tuple[str, ...]] = {
    "agg_user_half_hours": ("user_key", "half_hour_at"),
    "agg_user_track_months": ("user_key", "track_key", "played_month"),
    "bridge_artist_genres": ("artist_key", "genre_id"),
    "bridge_track_genres": ("track_key", "genre_id"),
    "dim_albums": ("album_key",),
    "dim_artists": ("artist_key",),
    "dim_dates": ("date_day",),
    "dim_genres": ("genre_id",),
    "dim_tracks": ("track_key",),
    "dim_users": ("user_key",),
    "edge_list": ("user_key", "track_key"),
    "fct_likes": ("user_key", "track_key"),
    "fct_listening_sessions": ("listening_session_id",),
    "fct_plays": ("event_id",),
    "graph_splits": ("split_name",),
    **{kind.mart: ("node_index",) for kind in NODE_TYPES},
    **{kind.mart: ("source_index", "target_index") for kind in EDGE_TYPES},
    "quality_logical": ("metric_name", "segment_type", "segment_value"),
    "quality_realism": ("reference_type", "statistic", "window_days", "curve_point"),
    "quality_report": ("report_order",),
    "quality_structural": ("check_name", "subject"),
    "wrapped_global_tops": ("item_kind", "wrapped_year", "item_rank"),
    "wrapped_listeners": _OF_LISTENER_YEAR,
    "wrapped_listening_clock": (*_OF_LISTENER_YEAR, "local_hour"),
    "wrapped_personalities": _OF_LISTENER_YEAR,
    "wrapped_personality_confusion": ("dimension", "true_value", "scored_value", "wrapped_year"),
    "wrapped_phases": (*_OF_LISTENER_YEAR, "phase_number"),
    "wrapped_top_artists": (*_OF_LISTENER_YEAR, "artist_rank"),
    "wrapped_top_genres": (*_OF_LISTENER_YEAR, "genre_rank"),
    "wrapped_top_tracks": (*_OF_LISTENER_YEAR, "track_rank"),
    "synthetic_artists": ("artist_id",),
    "synthetic_songs": ("track_id",),
    "synthetic_users": ("user_id",),
    "synthetic_genres": ("genre_id",),
    "synthetic_artist_genres": ("artist_id", "genre_id"),
    "synthetic_song_genres": ("track_id", "genre_id"),
    "synthetic_user_genre_preferences": ("user_id", "genre_id"),
    "users": ("user_id",),
    "tracks": ("track_id",),
    "artists": ("id",),
    "user_events": ("id",),
}
"""The columns that identify a row of a table; a table that has none is not here."""

_TARGETS = {
    "user_key": ("dim_users.user_key",),
    "track_key": ("dim_tracks.track_key",),
    "first_track_key": ("dim_tracks.track_key",),
    "artist_key": ("dim_artists.artist_key",),
    "streak_artist_key": ("dim_artists.artist_key",),
    "genre_id": ("dim_genres.genre_id", "synthetic_genres.genre_id"),
    "user_id": ("dim_users.user_id", "synthetic_users.user_id", "users.user_id"),
    "track_id": ("dim_tracks.track_id", "synthetic_songs.track_id", "tracks.track_id"),
    "artist_id": ("dim_artists.artist_id", "synthetic_artists.artist_id", "artists.id"),
}
"""What a column of this name refers to: the first of these whose table is in the same folder."""

_NODE_MARTS = {kind.name: kind.mart for kind in NODE_TYPES}
_EDGE_TARGETS = {
    kind.mart: {
        "source_index": f"{_NODE_MARTS[kind.source]}.node_index",
        "target_index": f"{_NODE_MARTS[kind.target]}.node_index",
    }
    for kind in EDGE_TYPES
}
_REFERRED_TO = {target.split(".")[0] for targets in _TARGETS.values() for target in targets}
_REFERRED_TO.update(_NODE_MARTS.values())


def reference(table: str, column: str, tables: Collection[str]) -> tuple[str, str] | None:
    """The table, among those of a folder, and its column that a column refers to, or None.

    What others refer to refers to nothing itself: mlcroissant joins along references, and where one
    leads to the next it hands out the columns of the second table as its records.
    """
    if table in _REFERRED_TO:
        return None
    of_edges = _EDGE_TARGETS.get(table, {}).get(column)
    for target in (of_edges,) if of_edges else _TARGETS.get(column, ()):
        there, name = target.split(".")
        if there in tables:
            return there, name
    return None
