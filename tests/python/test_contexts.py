"""What a play was played from is one number in Python and words in dbt: both say the same."""

import csv
from enum import IntEnum
from itertools import product

import duckdb
import jinja2
import pytest

from playback.contexts import Answer, Context, Reason, context_code
from playback.settings import PROJECT_ROOT

MACROS = ("part_of_code", "play_context", "play_reason")
STAGING = PROJECT_ROOT / "models" / "staging" / "playback" / "stg_playback__user_events.sql"


def word(member: IntEnum) -> str | None:
    return member.name.lower().replace("_", "-") if member else None


def answer(member: Answer) -> bool | None:
    return {Answer.NO: False, Answer.YES: True}.get(member)


def test_staging_says_of_every_code_what_it_was_made_of():
    macros = [
        (PROJECT_ROOT / "macros" / "listening" / f"{macro}.sql").read_text() for macro in MACROS
    ]
    staging = jinja2.Template("".join([*macros, STAGING.read_text()])).render(
        source=lambda *_: "plays"
    )
    parts = list(product(Context, Answer, Answer, Reason, Reason))
    codes = {context_code(*of_play): of_play for of_play in parts}
    assert len(codes) == len(parts)
    assert max(codes) < 2**15
    with duckdb.connect() as connection:
        connection.execute(
            "create table plays as select unnest(?)::smallint as context_code, 0 as event_id, "
            "0 as user_key, 0 as track_key, 0 as listening_ms, now() as ended_at",
            [list(codes)],
        )
        decoded = connection.sql(
            f"select context_type, is_shuffle, is_offline, reason_start, reason_end "
            f"from ({staging})"
        ).fetchall()
    assert decoded == [
        (word(context), answer(is_shuffle), answer(is_offline), word(start), word(end))
        for context, is_shuffle, is_offline, start, end in codes.values()
    ]


@pytest.mark.parametrize(
    ("seed", "members"), [("play_contexts", Context), ("play_reasons", Reason)]
)
def test_seeds_number_what_python_numbers(seed: str, members: type[IntEnum]):
    with (PROJECT_ROOT / "seeds" / f"{seed}.csv").open() as file:
        numbered = [(int(number), name) for number, name, _ in list(csv.reader(file))[1:]]
    assert numbered == [(int(member), word(member)) for member in members if member]
