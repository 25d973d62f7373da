"""Seeded names of acts and titles of tracks, by the hundred thousand."""

from collections.abc import Callable, Mapping
from string import Formatter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from playback.catalogue.synthetic.draws import draw
from playback.catalogue.synthetic.genres import GENRES
from playback.catalogue.synthetic.vocabulary import (
    ACTS,
    COMPILATIONS,
    LONGER_ACTS,
    TITLES,
    VERSIONS,
    WORDS,
)


def act_names(rng: np.random.Generator, genres: np.ndarray) -> pa.Array:
    """Name acts: the genre of each (a position in `GENRES`) → names, no two alike when folded.

    An act whose name is taken gets a longer one.
    """
    names = _by_label(genres, lambda genre, count: _fill(rng, ACTS[GENRES[genre].acts], count))
    while (taken := repeats(fold(names)) > 0).any():
        longer = _fill(rng, LONGER_ACTS, int(taken.sum()))
        names = pc.replace_with_mask(names, pa.array(taken), longer)
    return names


def titles(rng: np.random.Generator, genres: np.ndarray) -> pa.Array:
    """Draw titles: the genre of each (a position in `GENRES`) → titles; they may repeat."""
    return _by_label(genres, lambda genre, count: _fill(rng, TITLES[GENRES[genre].titles], count))


def compilation_titles(rng: np.random.Generator, count: int) -> pa.Array:
    """Draw names of compilations; they may repeat."""
    return _fill(rng, COMPILATIONS, count)


def versions(rng: np.random.Generator, genres: np.ndarray) -> pa.Array:
    """Draw what kind of recording each title is ("Live"): "" for most."""

    def of_genre(genre: int, count: int) -> pa.Array:
        odds = VERSIONS[GENRES[genre].titles]
        return pa.array(list(odds)).take(pa.array(draw(rng, odds, count)))

    return _by_label(genres, of_genre)


def fold(names: pa.Array) -> pa.Array:
    """Fold case and white space, as the joins of the catalogue do."""
    return pc.utf8_lower(pc.utf8_trim_whitespace(pc.replace_substring_regex(names, r"\s+", " ")))


def repeats(values: pa.Array) -> np.ndarray:
    """For each value, how many equal ones stand before it."""
    codes = values.dictionary_encode().indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], codes[order])
    before = np.empty(len(codes), dtype=np.int64)
    before[order] = np.arange(len(codes)) - starts
    return before


def _fill(rng: np.random.Generator, templates: Mapping[str, float], count: int) -> pa.Array:
    texts = list(templates)
    return _by_label(
        draw(rng, templates, count), lambda label, size: _fill_one(rng, texts[label], size)
    )


def _fill_one(rng: np.random.Generator, template: str, count: int) -> pa.Array:
    parts: list[pa.Array | str] = []
    for literal, slot, _, _ in Formatter().parse(template):
        parts.append(literal)
        if slot:
            words = WORDS[slot]
            parts.append(words.take(pa.array(rng.integers(len(words), size=count))))
    return pc.binary_join_element_wise(*parts, "")


def _by_label(labels: np.ndarray, make: Callable[[int, int], pa.Array]) -> pa.Array:
    """Make the texts of each label in one go: `make(label, count)`; put them where it stands."""
    order = np.argsort(labels, kind="stable")
    counts = np.bincount(labels)
    texts = pa.concat_arrays([make(label, counts[label]) for label in np.flatnonzero(counts)])
    place = np.empty(len(labels), dtype=np.int64)
    place[order] = np.arange(len(labels))
    return texts.take(pa.array(place))
