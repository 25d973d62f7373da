from copy import deepcopy

import pytest
import yaml

from playback.errors import PlaybackError
from playback.settings import PRESETS, load_preset

NAMES = ("classic", "lifelike")


def knobs_of(name: str) -> dict:
    return yaml.safe_load((PRESETS / f"{name}.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_every_knob_says_its_unit_or_source(name):
    lines = (PRESETS / f"{name}.yml").read_text(encoding="utf-8").splitlines()
    preset = load_preset(name)
    for group in (preset.listeners, preset.player):
        for knob, value in group:
            if knob in ("mechanism", "habits", "sessions", "choice", "stops") or value is None:
                continue
            (line,) = [line for line in lines if line.strip().startswith(f"{knob}:")]
            assert "#" in line, f"{knob} has no comment"


def test_fingerprint_is_that_of_the_knobs_alone(tmp_path):
    knobs = knobs_of("classic")
    renamed = tmp_path / "mine.yml"
    renamed.write_text(yaml.safe_dump(knobs | {"name": "mine", "description": "The same."}))
    changed = tmp_path / "changed.yml"
    changed.write_text(yaml.safe_dump(knobs | {"player": knobs["player"] | {"skip_share": 0.3}}))
    assert load_preset(str(renamed)).fingerprint == load_preset("classic").fingerprint
    assert load_preset(str(changed)).fingerprint != load_preset("classic").fingerprint


@pytest.mark.parametrize(
    ("name", "path", "value", "named"),
    [
        ("classic", "player.skip_share", 1.2, "player.skip_share"),
        ("classic", "player.skip_share", "often", "player.skip_share"),
        ("classic", "player.skip_share", float("nan"), "player.skip_share"),
        ("classic", "player.surprise", 1, "player.surprise"),
        ("classic", "player.mechanism", "magic", "player"),
        ("classic", "player.hour_weight", [0.0] * 24, "player.hour_weight"),
        ("classic", "player.hour_weight", [1.0] * 23, "player.hour_weight"),
        ("classic", "player.long_sessions_weight", [0, 0], "player.long_sessions_weight"),
        ("classic", "listeners.genres.casual", [3, 1], "listeners.genres.casual"),
        ("classic", "listeners.type_share.casual", 0.9, "listeners.type_share"),
        ("classic", "listeners.age_years", [90, 13], "listeners.age_years"),
        (
            "lifelike",
            "listeners.habits.partial_share.median",
            1.0,
            "listeners.habits.partial_share",
        ),
        (
            "lifelike",
            "player.stops.skip_seconds.share",
            [0, 1],
            "player.stops.skip_seconds",
        ),
        ("lifelike", "player.choice.library.shift", 0, "player.choice.library.shift"),
    ],
)
def test_a_wrong_knob_is_named_in_one_line(tmp_path, name, path, value, named):
    knobs = deepcopy(knobs_of(name))
    *groups, knob = path.split(".")
    group = knobs
    for key in groups:
        group = group[key]
    group[knob] = value
    file = tmp_path / "wrong.yml"
    file.write_text(yaml.safe_dump(knobs))
    with pytest.raises(PlaybackError) as fault:
        load_preset(str(file))
    assert named in str(fault.value)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_knob_is_named(tmp_path, name):
    knobs = knobs_of(name)
    del knobs["player"]["taste_share"]
    file = tmp_path / "short.yml"
    file.write_text(yaml.safe_dump(knobs))
    with pytest.raises(PlaybackError, match=r"player\.taste_share: is missing$"):
        load_preset(str(file))


def test_a_misspelt_knob_is_named_before_the_one_it_leaves_out(tmp_path):
    knobs = knobs_of("classic")
    knobs["player"]["skip_shar"] = knobs["player"].pop("skip_share")
    file = tmp_path / "misspelt.yml"
    file.write_text(yaml.safe_dump(knobs))
    with pytest.raises(PlaybackError, match=r"player\.skip_shar: .*no such knob.*and 1 more$"):
        load_preset(str(file))


BUNDLED = (PRESETS / "classic.yml").read_text(encoding="utf-8")
HOSTILE = {
    "a key twice": (
        BUNDLED + "name: again\n",
        r"holds 'name' twice: keep one of them \(line \d+\)",
    ),
    "a knob twice": ("a:\n  b: 1\n  b: 2\n", r"holds 'b' twice.*line 3"),
    "very deep": ("[" * 5_000 + "]" * 5_000, "holds more than 20 levels"),
    "very deep in blocks": (
        "".join(f"{' ' * level}a:\n" for level in range(1_000)),
        "holds more than 20 levels",
    ),
    "an alias": ("a: &a [1]\nb: [*a, *a]\n", "holds an alias: write the value itself"),
    "very large": ("# " + "x" * (1 << 20), "is larger than 1,048,576 bytes"),
    "a huge number": ("seed: " + "9" * 5_000, "is not YAML in UTF-8"),
    "no such day": ("on: 2024-13-45", "is not YAML in UTF-8"),
    "an object": ("!!python/object/apply:os.system [ls]", "is not YAML in UTF-8"),
    "another encoding": (BUNDLED.encode("utf-16"), "is not YAML in UTF-8"),
    "a list": ("[1, 2]", "dictionary"),
    "a long text": ("x" * 100_000, "dictionary"),
    "nothing": ("", "dictionary"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_one_short_line(tmp_path, kind):
    content, told = HOSTILE[kind]
    file = tmp_path / "mine.yml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PlaybackError, match=told) as fault:
        load_preset(str(file))
    assert "\n" not in str(fault.value)
    assert len(str(fault.value)) < 500
