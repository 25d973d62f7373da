"""The tables that tracks are drawn from have the weights that the design asks for."""

import numpy as np
import pytest

from playback.player.pools import Membership, build_tables, weighting
from playback.settings import load_preset

TRACKS = 9


def shares(pools, entries, pool):
    """The probability of each track of a pool under each weighting, from its alias table."""
    start, size = pools[pool]["start"], pools[pool]["size"]
    found = np.zeros((len(entries), TRACKS))
    for table, row in zip(found, entries[:, start : start + size], strict=True):
        np.add.at(table, row["kept"], row["threshold"] / size)
        np.add.at(table, row["other"], (1 - row["threshold"].astype(float)) / size)
    return found


def tables(**knobs):
    player = load_preset("lifelike").player
    player = player.model_copy(
        update={
            group: getattr(player, group).model_copy(update=values)
            for group, values in knobs.items()
        }
    )
    random = np.random.default_rng(1)
    membership = Membership(
        np.repeat(np.array([0, 2, 1], dtype=np.int32), (TRACKS, 4, 5)),
        np.concatenate([np.arange(TRACKS), np.arange(4), np.arange(4, 9)]).astype(np.int32),
        np.ones(2 * TRACKS),
    )
    newness, popularity = random.permutation(TRACKS) / TRACKS, random.permutation(TRACKS) / TRACKS
    built = build_tables(
        player,
        membership,
        newness=newness,
        popularity=popularity,
        released_day=np.arange(TRACKS, 0, -1, dtype=np.int32),
    )
    return built, newness, popularity


@pytest.mark.parametrize("is_new", [False, True])
def test_rank_by_newness_is_exponential_with_the_rest_on_the_last(is_new):
    (pools, entries), newness, _ = tables(
        newness_decay={"new": 3.0, "timeless": 3.0},
        popularity_exponent={"common": 0.0, "unique": 0.0},
    )
    expected = np.exp(-3 * np.arange(TRACKS) / TRACKS)
    expected[:-1] -= expected[1:]
    order = np.argsort(-newness if is_new else newness)
    for is_common in (False, True):
        row = weighting(np.array([is_new]), np.array([is_common]))[0]
        assert shares(pools, entries, 0)[row][order] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("is_common", "exponent"), [(True, 1.5), (False, 0.5)])
def test_rank_by_popularity_is_a_power_law(is_common, exponent):
    (pools, entries), _, popularity = tables(
        newness_decay={"new": 0.0, "timeless": 0.0},
        popularity_exponent={"common": 1.5, "unique": 0.5},
    )
    for pool, tracks in ((0, np.arange(TRACKS)), (1, np.arange(4, 9)), (2, np.arange(4))):
        order = tracks[np.argsort(-popularity[tracks])]
        expected = np.arange(1, len(tracks) + 1) ** -exponent
        row = weighting(np.array([True]), np.array([is_common]))[0]
        found = shares(pools, entries, pool)[row]
        assert found[order] == pytest.approx(expected / expected.sum(), abs=1e-6)
        assert found.sum() == pytest.approx(1)


def test_the_first_released_track_of_each_pool():
    (pools, _), *_ = tables()
    assert pools["oldest"].tolist() == [8, 8, 3]
