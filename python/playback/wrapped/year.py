"""What the wrapped marts say about one listener's year."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from playback.errors import PlaybackError
from playback.warehouse import Warehouse
from playback.words import counted

SHOWN = 5
"""Rows of each list on the page."""

LEAST_PEERS = 10
"""Listeners with a Wrapped that a personality is told beside: it is a place among them."""

DIMENSIONS = ("familiarity", "newness", "loyalty", "commonality")


@dataclass(frozen=True)
class Ranked:
    """One row of a list: what it is, whose (a track's artist), its listens and minutes."""

    name: str
    by: str
    listens: int
    minutes: int | None


@dataclass(frozen=True)
class TopArtist:
    """One row of the list of artists; the fan share is 0.01 for the top 1 %."""

    name: str
    listens: int
    minutes: int | None
    fan_share: float | None
    peak_month: date | None


@dataclass(frozen=True)
class Phase:
    """A part of the year: its months (1 to 12), the genre that sets it apart, its artist."""

    first_month: int
    last_month: int
    genre: str
    artist: str


@dataclass(frozen=True)
class Personality:
    """The code, its name, and the score of each dimension (0 to 1, the line at 0.5)."""

    code: str
    name: str
    scores: dict[str, float]


@dataclass(frozen=True)
class Year:
    """A listener's year. What their history does not tell is None, and a list of it is empty.

    Attributes:
        figures: the columns of wrapped_listeners by name.
        first_played: when the year's first play began, on the listener's clock.
        clock: listens in each of the 24 hours of the listener's day.
    """

    user_id: str
    username: str
    year: int
    figures: dict[str, object]
    first_played: datetime
    first_track: str
    first_artist: str
    streak_artist: str
    tracks: list[Ranked]
    artists: list[TopArtist]
    genres: list[Ranked]
    clock: list[int]
    phases: list[Phase]
    personality: Personality | None


def read_year(warehouse: Warehouse, user: str, year: int | None = None) -> Year:
    """Read the year of a listener, named by user id or username.

    Without a year it is the last with enough for a Wrapped that this listener's days have from its
    first to its last, or else the one with most listens.

    Raises:
        PlaybackError: there are no marts, no such listener, no listen in that year, or too few
            tracks or artists for a Wrapped.
    """
    _require_marts(warehouse)
    user_key, user_id, username, timezone = find_listener(warehouse, user)
    year = _choose_year(warehouse, user_key, user_id, year)
    figures = _figures(warehouse, user_key, year)
    if not figures["is_eligible"]:
        missing = {thing: figures[f"missing_{thing}_count"] for thing in ("track", "artist")}
        short = " and ".join(counted(count, thing) for thing, count in missing.items() if count)
        raise PlaybackError(
            f"{user_id} listened to too little in {year} for a Wrapped: to "
            f"{counted(figures['track_count'], 'track')} and "
            f"{counted(figures['artist_count'], 'artist')}, skips aside, which is {short} short"
        )
    ((first_track, first_artist),) = warehouse.rows(
        "select track_name, artist_name from dim_tracks where track_key = ?",
        figures["first_track_key"],
    )
    ((streak_artist,),) = warehouse.rows(
        "select artist_name from dim_artists where artist_key = ?", figures["streak_artist_key"]
    )
    hours = dict(
        warehouse.rows(
            "select local_hour, listen_count from wrapped_listening_clock "
            "where user_key = ? and wrapped_year = ?",
            user_key,
            year,
        )
    )
    _forget_lone_places(figures)
    return Year(
        user_id=user_id,
        username=username,
        year=year,
        figures=figures,
        first_played=_by_the_clock_of(warehouse, timezone, figures["first_played_at"]),
        first_track=first_track,
        first_artist=first_artist,
        streak_artist=streak_artist,
        tracks=_top_tracks(warehouse, user_key, year),
        artists=_top_artists(warehouse, user_key, year),
        genres=_top_genres(warehouse, user_key, year),
        clock=[hours.get(hour, 0) for hour in range(24)],
        phases=_phases(warehouse, user_key, year),
        personality=_personality(warehouse, user_key, year),
    )


def eligible_years(warehouse: Warehouse, year: int | None = None) -> list[tuple[str, int]]:
    """Every listener (by user id) with a Wrapped, and the year of it: as `read_year` chooses.

    Raises:
        PlaybackError: there are no marts, or nobody has a Wrapped (in that year).
    """
    _require_marts(warehouse)
    found = []
    for user_key, user_id in warehouse.rows(
        "select distinct user_key, user_id from wrapped_listeners inner join dim_users "
        "using (user_key) where ? is null or wrapped_year = ? order by user_key",
        year,
        year,
    ):
        chosen = _choose_year(warehouse, user_key, user_id, year)
        if _figures(warehouse, user_key, chosen)["is_eligible"]:
            found.append((user_id, chosen))
    if not found:
        when = f" in {year}" if year else ""
        raise PlaybackError(
            f"nobody in {warehouse.database} listened to enough{when} for a Wrapped"
        )
    return found


def _require_marts(warehouse: Warehouse) -> None:
    if not warehouse.has_relation("wrapped_listeners"):
        raise PlaybackError(
            f"{warehouse.database} has no Wrapped yet: make it with `playback run`, "
            "or `playback build` if the plays are there"
        )


def _forget_lone_places(figures: dict[str, object]) -> None:
    """A place among listeners says nothing where there is one alone."""
    if figures["listener_count"] == 1:
        figures |= dict.fromkeys(("listening_rank", "top_share", "fewer_skips_share"))
    if figures["listening_age_peer_count"] == 1:
        figures |= dict.fromkeys(("listening_age", "listening_age_span_starts_year"))


def _by_the_clock_of(warehouse: Warehouse, timezone: str, moment: datetime) -> datetime:
    """What the clocks of a time zone showed at a moment (UTC)."""
    ((minutes,),) = warehouse.rows(
        "select utc_offset_minutes from raw.timezone_periods "
        "where timezone = ? and starts_at <= ? and ends_at > ?",
        timezone,
        moment,
        moment,
    )
    return moment + timedelta(minutes=minutes)


def find_listener(warehouse: Warehouse, user: str) -> tuple[int, str, str, str]:
    """Key, id, name and time zone of a listener, by id or name.

    Raises:
        PlaybackError: there is none of that id or name, or several.
    """
    found = warehouse.rows(
        "select user_key, user_id, username, timezone from dim_users "
        "where user_id = ? or username = ? order by user_key",
        user,
        user,
    )
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(user_id for _, user_id, _, _ in found)
        raise PlaybackError(f"several listeners are called {user}: name one by its id, {ids}")
    ((first, last),) = warehouse.rows(
        "select min_by(user_id, user_key), max_by(user_id, user_key) from dim_users"
    )
    raise PlaybackError(
        f"no listener {user} in {warehouse.database}: give a user id, {first} to {last}, "
        "or a username (column username of dim_users)"
    )


def _choose_year(warehouse: Warehouse, user_key: int, user_id: str, year: int | None) -> int:
    years = {
        told: (is_eligible, listens, told)
        for told, listens, is_eligible in warehouse.rows(
            "select wrapped_year, listen_count, is_eligible from wrapped_listeners "
            "where user_key = ? order by wrapped_year",
            user_key,
        )
    }
    if not years:
        raise PlaybackError(f"{user_id} has not listened to anything yet, skips aside")
    if year is None:
        ((first_day, last_day),) = warehouse.rows(
            "select min(window_start), max(window_end) from raw.simulation_batches "
            "where ? between first_user_key and last_user_key",
            user_key,
        )
        whole = [
            told
            for told, (is_eligible, *_) in years.items()
            if is_eligible and first_day <= date(told, 1, 1) and date(told, 12, 31) <= last_day
        ]
        return max(whole, default=max(years, key=years.__getitem__))
    if year not in years:
        listed = ", ".join(map(str, years))
        raise PlaybackError(f"{user_id} has no listens in {year}: there are some in {listed}")
    return year


def _figures(warehouse: Warehouse, user_key: int, year: int) -> dict[str, object]:
    result = warehouse.connection.execute(
        "select * from wrapped_listeners where user_key = ? and wrapped_year = ?", [user_key, year]
    )
    names = [column[0] for column in result.description]
    return dict(zip(names, result.fetchone(), strict=True))


def _top_tracks(warehouse: Warehouse, user_key: int, year: int) -> list[Ranked]:
    rows = warehouse.rows(
        "select track_name, artist_name, listen_count, minutes "
        "from wrapped_top_tracks inner join dim_tracks using (track_key) "
        "where user_key = ? and wrapped_year = ? and track_rank <= ? order by track_rank",
        user_key,
        year,
        SHOWN,
    )
    return [Ranked(*row) for row in rows]


def _top_artists(warehouse: Warehouse, user_key: int, year: int) -> list[TopArtist]:
    rows = warehouse.rows(
        "select artist_name, listen_count, minutes, "
        "case when fan_count > 1 then fan_top_share end, peak_month "
        "from wrapped_top_artists inner join dim_artists using (artist_key) "
        "where user_key = ? and wrapped_year = ? and artist_rank <= ? order by artist_rank",
        user_key,
        year,
        SHOWN,
    )
    return [TopArtist(*row) for row in rows]


def _top_genres(warehouse: Warehouse, user_key: int, year: int) -> list[Ranked]:
    rows = warehouse.rows(
        "select genre_name, '', listen_count, minutes "
        "from wrapped_top_genres inner join dim_genres using (genre_id) "
        "where user_key = ? and wrapped_year = ? and wrapped_top_genres.genre_rank <= ? "
        "order by wrapped_top_genres.genre_rank",
        user_key,
        year,
        SHOWN,
    )
    return [Ranked(*row) for row in rows]


def _phases(warehouse: Warehouse, user_key: int, year: int) -> list[Phase]:
    rows = warehouse.rows(
        "select first_month, last_month, genre_name, artist_name from wrapped_phases "
        "inner join dim_genres using (genre_id) inner join dim_artists using (artist_key) "
        "where user_key = ? and wrapped_year = ? order by phase_number",
        user_key,
        year,
    )
    return [Phase(*row) for row in rows]


def _personality(warehouse: Warehouse, user_key: int, year: int) -> Personality | None:
    ((peers,),) = warehouse.rows(
        "select count(*) from wrapped_personalities where wrapped_year = ?", year
    )
    if peers < LEAST_PEERS:
        return None
    rows = warehouse.rows(
        "select personality_code, personality_name, familiarity_score, newness_score, "
        "loyalty_score, commonality_score from wrapped_personalities "
        "where user_key = ? and wrapped_year = ?",
        user_key,
        year,
    )
    for code, name, *scores in rows:
        return Personality(code, name, dict(zip(DIMENSIONS, scores, strict=True)))
    return None  # too little is known, such as how old and how popular the tracks are
