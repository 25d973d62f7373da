"""The listeners as the kernel sees them: one record each, their tastes, and their clocks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from playback.errors import PlaybackError
from playback.player.lifelike.laws import stop_scales
from playback.player.power_law import integral
from playback.player.records import LISTENER, PERIOD, TASTE
from playback.presets import ClassicPlayer, LifelikePlayer
from playback.warehouse import Warehouse

MOST_ACTIVE_DAY_SHARE = 0.99

CROWDING = (0.07, 0.0009)
"""The share of sessions that find no room in the day: of anybody, as breaks push the last ones past
midnight (fitted), and for each play a day, half the time a play takes as a share of the day. It is
made up for by planning more of them."""


ALL_USERS = range(2**31 - 1)


class Population(NamedTuple):
    """All listeners, by key."""

    listeners: NDArray[np.void]
    tastes: NDArray[np.void]
    periods: NDArray[np.void]


def load_population(
    warehouse: Warehouse,
    knobs: ClassicPlayer | LifelikePlayer,
    genre_ids: list[str],
    users: range = ALL_USERS,
) -> Population:
    """Read the listeners of a warehouse that have these keys.

    Raises:
        PlaybackError: there are none, or they lack the habits that the mechanism needs.
    """
    columns = warehouse.connection.execute(
        "select users.user_key, users.timezone, user_traits.* exclude (user_key) "
        "from raw.users as users "
        "inner join raw.user_traits as user_traits on users.user_key = user_traits.user_key "
        "where users.user_key between $first and $last "
        "and user_traits.user_key between $first and $last "
        "order by users.user_key",
        {"first": users[0], "last": users[-1]},
    ).fetchnumpy()
    if not len(columns["user_key"]):
        raise PlaybackError(
            f"{warehouse.database} has no listeners: add them first with `playback listeners`"
        )
    listeners = np.zeros(len(columns["user_key"]), dtype=LISTENER)
    for column in set(columns) & set(LISTENER.names):
        listeners[column] = np.ma.filled(columns[column], 0)
    if isinstance(knobs, LifelikePlayer):
        if np.ma.is_masked(columns["active_day_share"]):
            raise PlaybackError(
                f"the listeners of {warehouse.database} have no habits, which `lifelike` plays by: "
                f"the preset needs listeners.habits, and a new {warehouse.option}"
            )
        listeners["skip_logit"] = logit(columns["skip_propensity"])
        _plan_habits(listeners, knobs, columns["plays_per_day"], columns["tracks_per_session"])
    tastes = _load_tastes(warehouse, knobs, listeners, genre_ids, users)
    periods = _load_periods(warehouse, listeners, columns["timezone"].astype(str))
    return Population(listeners, tastes, periods)


def _plan_habits(
    listeners: NDArray[np.void],
    knobs: LifelikePlayer,
    plays_per_day: NDArray[np.float64],
    tracks_per_session: NDArray[np.float64],
) -> None:
    """Make plays a day = active days x sessions an active day x tracks a session."""
    lost = CROWDING[0] + CROWDING[1] * plays_per_day
    sessions_per_day = plays_per_day / tracks_per_session * (1 + lost)
    active_day_share = np.minimum(listeners["active_day_share"], sessions_per_day)
    active_day_share = np.minimum(active_day_share, MOST_ACTIVE_DAY_SHARE)
    absence = knobs.sessions.absence
    listeners["absence_days"] = absence.mean_days * (1 - active_day_share)
    listeners["active_day_share"] = active_day_share
    listeners["sessions_per_active_day"] = sessions_per_day / active_day_share
    listeners["stop_scale"] = stop_scales(knobs, tracks_per_session)
    library, wear = knobs.choice.library, knobs.choice.wear
    listeners["wear"] = (plays_per_day / wear.at_plays_a_day) ** -wear.exponent
    listeners["wear"] *= np.where(listeners["is_familiar"], wear.familiar_ratio, 1.0)
    playlists, mood = knobs.choice.playlists, knobs.mood
    listeners["fewest_tracks"] = playlists.fewest_tracks
    listeners["more_tracks"] = playlists.more_tracks * (plays_per_day / 10) ** playlists.exponent
    listeners["taken_up_share"] = playlists.taken_up_share
    listeners["phase_share"] = playlists.phase.share
    listeners["phase_plays"] = playlists.phase.plays
    listeners["repeated_share"] = playlists.repeated_share
    listeners["restless_pace"] = mood.restless_pace
    listeners["restless_after_break"] = mood.restless_after_break
    listeners["library_lower"], listeners["library_growth"] = integral(
        library.exponent, listeners["library_breadth"], library.places
    )


def _load_tastes(
    warehouse: Warehouse,
    knobs: ClassicPlayer | LifelikePlayer,
    listeners: NDArray[np.void],
    genre_ids: list[str],
    users: range,
) -> NDArray[np.void]:
    """Read the preferred genres; sets each listener's first taste and number of tastes.

    Every genre is a taste of every listener, the most preferred first: those that are not preferred
    share what the preset leaves to curiosity.
    """
    columns = warehouse.connection.execute(
        "select user_key, genre_id, affinity_score from raw.user_genre_preferences "
        "where user_key between ? and ?",
        [users[0], users[-1]],
    ).fetchnumpy()
    position = {genre_id: 1 + position for position, genre_id in enumerate(genre_ids)}
    genre = np.array([position.get(genre_id, 0) for genre_id in columns["genre_id"]], np.int32)
    exponent = knobs.choice.affinity_exponent if isinstance(knobs, LifelikePlayer) else 1.0
    weight = np.zeros((len(listeners), 1 + len(genre_ids)))
    listener = np.searchsorted(listeners["user_key"], columns["user_key"])
    weight[listener, genre] = columns["affinity_score"] ** exponent
    weight = weight[:, 1:]

    total = weight.sum(axis=1, keepdims=True)
    listeners["tastes"] = np.where(total[:, 0] > 0, len(genre_ids), 0)
    listeners["first_taste"] = np.arange(len(listeners)) * len(genre_ids)
    curiosity = knobs.curiosity_share
    share = (1 - curiosity) * weight / np.where(total > 0, total, 1) + curiosity / len(genre_ids)
    order = np.argsort(-share, axis=1, kind="stable")
    tastes = np.zeros(share.shape, dtype=TASTE)
    tastes["pool"] = 1 + order
    tastes["until"] = np.cumsum(np.take_along_axis(share, order, axis=1), axis=1)
    tastes["until"][:, -1] = 1.0
    return tastes.reshape(-1)


def _load_periods(
    warehouse: Warehouse, listeners: NDArray[np.void], timezones: NDArray[np.str_]
) -> NDArray[np.void]:
    """Read the periods of all time zones; sets the first one of each listener's.

    Raises:
        PlaybackError: a listener's time zone has none.
    """
    columns = warehouse.connection.execute(
        "select timezone, epoch_ms(ends_at) as ends_ms, 60000 * utc_offset_minutes as offset_ms "
        "from raw.timezone_periods order by timezone, starts_at"
    ).fetchnumpy()
    known, first = np.unique(columns["timezone"].astype(str), return_index=True)
    missing = set(timezones.tolist()).difference(known.tolist())
    if missing:
        raise PlaybackError(
            f"raw.timezone_periods of {warehouse.database} lacks {min(missing)}, where a listener "
            "lives: the world was made by another release of Playback; use that one, "
            f"or name another {warehouse.option}"
        )
    listeners["first_period"] = first[np.searchsorted(known, timezones)]
    periods = np.empty(len(columns["ends_ms"]), dtype=PERIOD)
    periods["ends_ms"], periods["offset_ms"] = columns["ends_ms"], columns["offset_ms"]
    return periods
