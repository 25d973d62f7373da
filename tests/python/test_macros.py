"""The SQL of a macro, run by itself: where the answer is known from elsewhere."""

import math

import duckdb
import pytest
from jinja2 import Template

from playback.settings import PROJECT_ROOT

CLOSE = 2e-9
"""How far the macro may be off, of the value."""


@pytest.mark.parametrize(
    ("exponent", "first", "expected"),
    [
        (2, 1, math.pi**2 / 6),
        (3, 1, 1.2020569031595942),
        (4, 1, math.pi**4 / 90),
        (2, 2, math.pi**2 / 6 - 1),
        (2.5, 2, 0.3414872572509171),
        (1.01, 1, 100.5779433384968),
        (10, 10, 1.6926861254407e-10),
    ],
)
def test_hurwitz_zeta_has_its_known_values(exponent: float, first: int, expected: float):
    macro = Template((PROJECT_ROOT / "macros/realism/hurwitz_zeta.sql").read_text()).module
    query = f"""
        select {macro.hurwitz_zeta("exponent", "least")}
        from (values (cast({exponent} as double), {first})) as tails (exponent, least)
    """
    with duckdb.connect() as connection:
        [(value,)] = connection.execute(query).fetchall()
    assert value == pytest.approx(expected, rel=CLOSE)
