"""Whatever is in a name or a path, a terminal only shows it."""

import pytest

from conftest import run_tool
from playback.console import Console, printable

HOSTILE = {
    "\x1b]0;pwned\x07": r"\x1b]0;pwned\x07",
    "\x1b[2J": r"\x1b[2J",
    "a\x00b\x7fc": r"a\x00b\x7fc",
    "\x9b31m": r"\x9b31m",
    "\u202eevil rtl": r"\u202eevil rtl",
    "\u2066isolated\u2069": r"\u2066isolated\u2069",
    "two\nlines\r": r"two\nlines\r",
    "line\u2028end": r"line\u2028end",
    "un\u200bseen\ufeff": r"un\u200bseen\ufeff",
    "\udcff": r"\udcff",
}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_would_steer_a_terminal_is_written_out(text: str):
    assert printable(text) == HOSTILE[text]


@pytest.mark.parametrize(
    "text", ["Sigur Rós", "東京事変", "فيروز", "👩\u200d🎤", "[red]x[/]", "a\\b"]
)
def test_what_people_write_stays(text: str):
    assert printable(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_part_of_the_console_lets_it_through(text: str, capsys: pytest.CaptureFixture[str]):
    console = Console()
    console.table("Title", ("one",), [(f"[bold]{text}",)])
    console.summary("Title", [("place", f"[link=x]{text}")])
    console.unchanged(text)
    console.error(f"about {text}".replace("\n", " "))
    with console.stage("land") as progress:
        progress.conclude(f"1 row of {text} used")
    shown = "".join(capsys.readouterr())
    assert "[bold]" in shown
    assert "[link=x]" in shown
    assert not set(shown) & set("\x00\x07\x1b\x7f\x9b\r\u202e\u2028\u2066\u2069\u200b\ufeff\udcff")


def test_what_rich_takes_for_an_emoji_stays_as_it_is(capsys: pytest.CaptureFixture[str]):
    console = Console()
    console.table("Title", ("one",), [("md:x: y",)], "below md:x: y")
    console.summary("Title", [("place", "md:x: y")])
    console.error("md:x: y")
    console.note("md:x: y")
    shown = capsys.readouterr()
    assert (shown.out.count("md:x: y"), shown.err.count("md:x: y")) == (3, 2)


def test_an_error_is_one_line_whatever_it_names(tmp_path):
    outcome = run_tool(
        "playback",
        *("land", "--catalogue", str(tmp_path / "a\nb\x1b[31m\u202e")),
        database=tmp_path / "world.duckdb",
    )
    assert outcome.returncode == 2
    assert len(outcome.stderr.splitlines()) == 1
    assert r"a\nb\x1b[31m\u202e does not exist" in outcome.stderr
