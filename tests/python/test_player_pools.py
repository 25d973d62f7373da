"""The pools hold what they should, and their ranks follow the laws that they are drawn by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from playback.player import numbers
from playback.player.catalogue import Catalogue
from playback.player.pools import (
    RELEASE_PERIOD_DAYS,
    WHOLE_CATALOGUE,
    classic_pools,
    lifelike_pools,
)
from playback.player.power_law import integral, inverse_power
from playback.settings import load_preset

TRACKS, ARTISTS = 60, 7
GENRES = ["G001", "G002", "G003"]


@pytest.fixture(scope="module")
def catalogue():
    """Tracks in the order of popularity; each has one genre, and every fifth a second one."""
    random = np.random.default_rng(1)
    genre = random.integers(0, 3, TRACKS).astype(np.int32)
    also = np.arange(0, TRACKS, 5, dtype=np.int32)
    track_key = random.permutation(TRACKS).astype(np.int32)
    artist = np.concatenate(
        [np.arange(ARTISTS), random.integers(0, ARTISTS, TRACKS - ARTISTS)]
    ).astype(np.int32)
    return Catalogue(
        track_key=track_key,
        artist=artist,
        album=artist,
        album_position=1 + random.permutation(TRACKS),
        duration_ms=np.full(TRACKS, 200_000, dtype=np.int32),
        released_day=random.integers(19_000, 20_000, TRACKS).astype(np.int32),
        newness=random.permutation(TRACKS) / TRACKS,
        genre_ids=GENRES,
        genre=np.concatenate([genre, (genre[also] + 1) % 3]),
        genre_track=np.concatenate([np.arange(TRACKS, dtype=np.int32), also]),
        is_primary_genre=np.arange(TRACKS + len(also)) < TRACKS,
        sound=np.zeros((TRACKS, 4), dtype=np.float32),
    )


def members(built, pool):
    record = built.pools[pool]
    return built.members["track"][record["start"] :][: record["size"]].tolist()


def test_classic_pools_run_from_the_oldest_track_to_the_newest(catalogue):
    built = classic_pools(catalogue)
    assert members(built, WHOLE_CATALOGUE) == np.argsort(catalogue.newness).tolist()
    for artist in range(ARTISTS):
        own = np.flatnonzero(catalogue.artist == artist)
        pool = 1 + len(GENRES) + artist
        assert set(built.tracks["artist_pool"][own]) == {pool}
        assert members(built, pool) == own[np.argsort(catalogue.newness[own])].tolist()


def test_lifelike_pools_run_by_popularity(catalogue):
    built = lifelike_pools(catalogue, load_preset("lifelike").player)
    assert members(built, WHOLE_CATALOGUE) == list(range(TRACKS))
    for artist in range(ARTISTS):
        own = np.flatnonzero(catalogue.artist == artist)
        assert members(built, 1 + len(GENRES) + artist) == own.tolist()


def test_albums_lie_in_their_own_order(catalogue):
    built = lifelike_pools(catalogue, load_preset("lifelike").player)
    for track in range(TRACKS):
        album = members(built, built.tracks["album_pool"][track])
        assert album[built.tracks["album_position"][track]] == track
        own = np.flatnonzero(catalogue.album == catalogue.album[track])
        assert album == own[np.argsort(catalogue.album_position[own])].tolist()


def test_a_track_stands_further_down_in_a_genre_that_is_not_its_primary_one(catalogue):
    knobs = load_preset("lifelike").player.model_copy(update={"secondary_genre_weight": 0.25})
    built = lifelike_pools(catalogue, knobs)
    for genre in range(len(GENRES)):
        pairs = np.flatnonzero(catalogue.genre == genre)
        tracks = catalogue.genre_track[pairs]
        place = (1 + tracks) * np.where(catalogue.is_primary_genre[pairs], 1, 4)
        expected = tracks[np.lexsort((tracks, place))].tolist()
        assert members(built, 1 + genre) == expected
        assert expected != sorted(expected)


@pytest.mark.parametrize("mechanism", ["classic", "lifelike"])
def test_the_first_released_track_of_each_pool(catalogue, mechanism):
    knobs = load_preset("lifelike").player
    built = classic_pools(catalogue) if mechanism == "classic" else lifelike_pools(catalogue, knobs)
    released_day = catalogue.released_day[built.members["track"]]
    assert (built.members["released_day"] == released_day).all()
    for pool, oldest in enumerate(built.pools["oldest"]["track"].tolist()):
        own = members(built, pool)
        assert oldest in own
        assert catalogue.released_day[oldest] == catalogue.released_day[own].min()


def test_each_period_has_a_pool_of_what_came_out_in_it(catalogue):
    built = lifelike_pools(catalogue, load_preset("lifelike").player)
    period = catalogue.released_day // RELEASE_PERIOD_DAYS - built.releases.first_period
    for column in range(built.releases.pools.shape[1]):
        of_period = np.flatnonzero(period == column).tolist()
        for row, pool in enumerate(built.releases.pools[:, column]):
            expected = [track for track in members(built, row) if track in of_period]
            assert (members(built, pool) if pool >= 0 else []) == expected


def test_hits_are_as_rare_among_new_releases_as_in_their_genre(catalogue):
    built = lifelike_pools(catalogue, load_preset("lifelike").player)
    heads, sizes = built.pools["head"], built.pools["size"][:, np.newaxis]
    for row, pools in enumerate(built.releases.pools):
        held = pools[pools >= 0]
        assert heads[held] / sizes[held] == pytest.approx(
            np.broadcast_to(heads[row] / sizes[row], heads[held].shape)
        )


@njit
def power(base, exponent):
    return numbers.power(base, exponent)


@njit
def power_law(lower, growth, inverse, share):
    return numbers.power_law(lower, growth, inverse, share)


@settings(deadline=None)  # the first call compiles
@given(
    st.floats(1e-3, 1e3),
    st.sampled_from([-20.0, -3.0, -2.5, -1.0, -0.5, 0.5, 3.0, 10.0, 0.33, -1.7]),
)
def test_powers_are_those_of_the_standard_library(base, exponent):
    assert power(base, exponent) == pytest.approx(base**exponent, rel=1e-13)


@pytest.mark.parametrize(
    ("exponent", "inverse"),
    [(1.5, -2.0), (0.667, 3.0), (0.9, 10.0), (2.0, -1.0), (0.0, 1.0), (1.3, 1 / (1 - 1.3))],
)
def test_a_power_that_is_nearly_whole_is_whole(exponent, inverse):
    assert inverse_power(exponent) == inverse


@pytest.mark.parametrize("exponent", [0.4, 1.0, 1.55, 3.0])
@pytest.mark.parametrize("head", [1.0, 7.5])
def test_ranks_follow_mandelbrots_law(exponent, head):
    """A rank r has the weight of the integral of x ^ -exponent from head + r to head + r + 1."""
    size, shares = 50, (np.arange(200_000) + 0.5) / 200_000
    lower, growth = integral(exponent, head, size)
    inverse = inverse_power(exponent)
    rank = np.array([power_law(lower, growth, inverse, share) for share in shares]) - head
    found = np.bincount(rank.astype(int), minlength=size) / len(shares)
    edges = head + np.arange(size + 1.0)
    below = np.log(edges) if exponent == 1 else edges ** (1 - exponent) / (1 - exponent)
    expected = np.diff(below) / (below[-1] - below[0])
    assert found == pytest.approx(expected, abs=2e-5)
