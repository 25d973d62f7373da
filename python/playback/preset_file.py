"""Reads the YAML of a preset, which may come from anybody: small, shallow, every key once."""

import reprlib
from pathlib import Path
from typing import Any

import yaml

from playback.errors import PlaybackError

MOST_BYTES = 1 << 20
"""A preset is a few pages; the bundled ones are 10 kB."""

MOST_LEVELS = 20
"""Knobs lie five levels deep."""


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases, deep nesting and repeated keys."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._level = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise _fault("an alias: write the value itself", event.start_mark)
        if self._level >= MOST_LEVELS:
            raise _fault(f"more than {MOST_LEVELS} levels", event.start_mark)
        self._level += 1
        node = super().compose_node(parent, index)
        self._level -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _fault(f"{key.value!r:.60} twice: keep one of them", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_knobs(path: Path, what: str = "preset") -> Any:  # noqa: ANN401 - what is in a file of somebody
    """Read what a preset file holds, or another one that messages call `what`.

    Raises:
        PlaybackError: the file cannot be read, is too large, is not YAML in UTF-8, nests too deep,
            or holds an alias or a key twice.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PlaybackError(f"{what} {path} cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise PlaybackError(f"{what} {path} is larger than {MOST_BYTES:,} bytes: it is none")
    try:
        return yaml.load(content.decode("utf-8-sig"), _Loader)  # noqa: S506 - a safe loader
    except _HoldsError as error:
        raise PlaybackError(f"{what} {path} holds {error}") from error
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise PlaybackError(f"{what} {path} is not YAML in UTF-8: {reason}") from error


def shortened(value: object) -> str:
    """What a file holds, in so few characters that a message stays a line, however much it is."""
    return f"{reprlib.repr(value):.60}"


class _HoldsError(yaml.YAMLError):
    """Something in the file is YAML, and no part of a preset."""


def _fault(what: str, mark: yaml.Mark) -> _HoldsError:
    return _HoldsError(f"{what} (line {mark.line + 1})")
