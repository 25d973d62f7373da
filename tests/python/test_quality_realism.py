"""`quality_realism` against the realism that Python measures from the raw plays."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from conftest import run_tool
from playback.progress import Silent
from playback.realism import curves, histories, listener, measure, population
from playback.realism.histories import Histories, read_catalogue, read_histories, read_window
from playback.realism.reference import read_points
from playback.realism.report import like_listeners
from playback.settings import Settings
from playback.warehouse import Warehouse

CLOSE = 1e-6
"""Python sums floats where SQL sums whole numbers."""


@pytest.fixture(scope="module")
def warehouse(world: Settings):
    with Warehouse(world.database) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def everyone(warehouse: Warehouse) -> Histories:
    return read_histories(warehouse, read_catalogue(warehouse), read_window(warehouse))


@pytest.mark.parametrize("days", [30, 365])
def test_statistics_of_every_listener_agree(warehouse: Warehouse, everyone: Histories, days: int):
    recent = everyone.last_days(min(days, everyone.days))
    expected = {
        (int(history.user_keys[0]), statistic): value
        for history in like_listeners(recent).each()
        for statistic, value in listener.statistics(history).items()
        if not np.isnan(value)
    }
    simulated = {
        (user_key, statistic): value
        for user_key, statistic, value in warehouse.rows(
            "select user_key, statistic, statistic_value "
            "from intermediate.int_realism_user_statistics where window_days = ?",
            days,
        )
    }
    assert len(expected) > 100
    assert simulated == pytest.approx(expected, rel=CLOSE, abs=CLOSE)


def test_curves_agree(warehouse: Warehouse, everyone: Histories):
    like = like_listeners(everyone)
    expected = {}
    for name in {point.curve for point in read_points()}:
        at = np.array([point.at for point in read_points() if point.curve == name])
        for place, value in zip(at, curves.curve(like, name, at), strict=True):
            expected[name, place] = value
    simulated = {
        (name, place): value
        for name, place, value in warehouse.rows(
            "select curve, curve_point, curve_value from intermediate.int_realism_curves"
        )
    }
    assert simulated == pytest.approx(expected, rel=CLOSE, abs=CLOSE, nan_ok=True)


def test_figures_of_the_population_agree(warehouse: Warehouse, everyone: Histories):
    expected = population.figures(everyone, read_catalogue(warehouse))
    simulated = dict(
        warehouse.rows("select statistic, figure from intermediate.int_realism_population")
    )
    assert simulated.keys() == expected.keys()
    for statistic, value in expected.items():
        # The exponent that SQL looks for is one of a list, a thousandth apart.
        step = 6e-4 if "alpha" in statistic else CLOSE
        assert simulated[statistic] == pytest.approx(value, rel=CLOSE, abs=step), statistic


def test_verdicts_agree(warehouse: Warehouse):
    listeners, points, figures, _ = measure(warehouse, Silent())
    expected = {
        (reference_type, finding.statistic, finding.at): finding.is_inside
        for reference_type, chapter in (
            ("listener", listeners),
            ("curve", points),
            ("population", figures),
        )
        for finding in chapter.findings
    }
    at = {"listener": "{1} days", "curve": "{0:g}", "population": ""}
    simulated = {
        (reference_type, statistic, at[reference_type].format(point, days)): is_inside
        for reference_type, statistic, point, days, is_inside in warehouse.rows(
            "select reference_type, statistic, curve_point, window_days, is_inside "
            "from quality_realism"
        )
    }
    assert simulated == expected
    assert {True, False, None} <= set(expected.values())


def test_sampled_listeners_are_those_of_the_measure(world: Settings, tmp_path: Path, monkeypatch):
    copy = tmp_path / "world.duckdb"
    shutil.copyfile(world.database, copy)
    outcome = run_tool(
        "dbt",
        *("run", "--select", "int_realism_users", "--vars", "realism_listeners: 20"),
        *("--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")),
        database=copy,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    monkeypatch.setattr(histories, "MOST_LISTENERS", 20)
    with Warehouse(copy) as warehouse:
        sampled = {key for (key,) in warehouse.rows("from intermediate.int_realism_users")}
        window = read_window(warehouse)
        measured = read_histories(warehouse, read_catalogue(warehouse), window)
    assert len(sampled) == 20
    assert set(measured.user_keys.tolist()) == sampled
