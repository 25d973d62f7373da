"""Presets that are valid and otherwise drawn at random: every knob within its bounds."""

from collections.abc import Iterable
from inspect import isclass
from itertools import chain
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from playback.presets import (
    AbsenceKnobs,
    ActivityPower,
    Curve,
    LogNormal,
    Normal,
    ShareCurve,
    TypeShares,
)
from playback.settings import Preset

MOST, MOST_WHOLE = 5_000, 8
"""Of amounts and of whole numbers whose own bound is higher: seconds, weights; tries, plays."""

MOST_PLAYS_A_DAY, MOST_TRACKS = 40, 12
"""So that a world is played in no time: plays a day, tracks a session, sessions in `classic`."""


def presets(player: type[BaseModel]) -> st.SearchStrategy[Preset]:
    """Presets of a mechanism."""
    listeners = _of_type(Preset.model_fields["listeners"].annotation)
    names = {"name": st.just("random"), "description": st.just("Drawn at random.")}
    return st.builds(Preset, **names, listeners=listeners, player=_of_type(player))


def _of_type(kind: Any, bounds: Iterable[Any] = ()) -> st.SearchStrategy[Any]:
    """What a knob of a type can be, within its bounds."""
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        of_kind = chain.from_iterable(
            it.metadata if isinstance(it, FieldInfo) else [it] for it in more
        )
        return _of_type(kind, [*of_kind, *bounds])
    if kind in SPECIAL:
        return SPECIAL[kind]
    if isclass(kind) and issubclass(kind, BaseModel):
        return st.builds(kind, **_of_fields(kind))
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is tuple:
        return _tuples(get_args(kind), bounds)
    if kind in (int, float):
        return _numbers(kind, bounds)
    (present,) = set(get_args(kind)) - {NoneType}
    return _of_type(present, bounds)


def _of_fields(kind: type[BaseModel]) -> dict[str, st.SearchStrategy[Any]]:
    fields = {name: _of_type(it.annotation, it.metadata) for name, it in kind.model_fields.items()}
    if "plays_per_day" in fields:
        few = st.floats(0.1, MOST_PLAYS_A_DAY)
        fields["plays_per_day"] = st.builds(LogNormal, median=few, sigma=st.floats(0, 1))
    return fields


def _tuples(kinds: tuple[Any, ...], bounds: Iterable[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    rules = {it.func.__name__ for it in bounds if isinstance(it, AfterValidator)}
    if kinds[-1] is Ellipsis:
        least = next(it.min_length for it in bounds if isinstance(it, MinLen))
        most = next(it.max_length for it in bounds if isinstance(it, MaxLen))
        drawn = st.lists(_of_type(kinds[0]), min_size=least, max_size=most).map(tuple)
    else:
        drawn = st.tuples(*map(_of_type, kinds))
    if "_is_rising_range" in rules:
        return drawn.map(lambda pair: tuple(sorted(pair)))
    return drawn.filter(sum) if "_has_weight" in rules else drawn


def _numbers(kind: type, bounds: Iterable[Any]) -> st.SearchStrategy[Any]:
    low, high, is_open = 0, MOST, {}
    for bound in bounds:
        match bound:
            case Ge(ge=low) | Gt(gt=low):
                is_open |= {"exclude_min": isinstance(bound, Gt)}
            case Le(le=limit) | Lt(lt=limit):
                high = min(high, limit)
                is_open |= {"exclude_max": isinstance(bound, Lt)}
    if kind is int:
        return st.integers(low, min(high, MOST_WHOLE))
    return st.floats(low, high, allow_subnormal=False, **is_open)


@st.composite
def _type_shares(draw: st.DrawFn) -> TypeShares:
    casual = draw(st.floats(0, 1))
    regular = draw(st.floats(0, 1 - casual))
    return TypeShares(casual=casual, regular=regular, power=max(0.0, 1 - casual - regular))


@st.composite
def _absences(draw: st.DrawFn) -> AbsenceKnobs:
    season = draw(st.floats(1, MOST))
    return AbsenceKnobs(season_days=season, mean_days=draw(st.floats(0, season / 2)))


@st.composite
def _curves(draw: st.DrawFn, kind: type[Curve], most: float) -> Curve:
    points = draw(st.integers(0, 6))
    inner = sorted(draw(st.lists(st.floats(0, 1), min_size=points, max_size=points)))
    amounts = st.lists(st.floats(0, most), min_size=points + 2, max_size=points + 2)
    return kind(share=(0.0, *inner, 1.0), value=tuple(sorted(draw(amounts))))


SPECIAL = {
    TypeShares: _type_shares(),
    AbsenceKnobs: _absences(),
    ActivityPower: st.builds(
        ActivityPower,
        at_ten_plays_a_day=st.floats(1, MOST_TRACKS),
        exponent=st.floats(0, 1),
        sigma=st.floats(0, 1),
    ),
    Curve: _curves(Curve, MOST),
    ShareCurve: _curves(ShareCurve, 1.0),
    Normal: st.builds(Normal, mean=st.floats(0, MOST_TRACKS), sigma=st.floats(0, 2)),
}
"""Knobs that bound one another."""
