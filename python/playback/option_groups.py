"""Options that a command takes together: it declares what is made of them.

A command declares what it needs as parameters. One that is annotated with `Made` is not an option:
it is made by a function, whose own parameters become options of the command in its place. So each
option is written once, and each command offers those that it uses and no others.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

import typer

from playback.errors import PlaybackError


@dataclass(frozen=True)
class Made:
    """Marks a parameter that `by` makes from options."""

    by: Callable[..., Any]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command for Typer, with options in place of the parameters made from them."""
    options = {option.name: option for option in _options_of(command)}

    def with_its_options(**values: object) -> None:
        _call(command, values)

    with_its_options.__doc__ = command.__doc__
    with_its_options.__name__ = command.__name__
    with_its_options.__signature__ = inspect.Signature(list(options.values()))
    with_its_options.__annotations__ = {name: it.annotation for name, it in options.items()}
    return with_its_options


def _options_of(function: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    for parameter in inspect.signature(function).parameters.values():
        if made := _made(parameter):
            yield from _options_of(made.by)
        else:
            yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)


def _call(function: Callable[..., Any], values: dict[str, object]) -> Any:  # noqa: ANN401
    """Call it with the values of its options, and with what is made of those."""
    arguments = {}
    for name, parameter in inspect.signature(function).parameters.items():
        made = _made(parameter)
        arguments[name] = _call(made.by, values) if made else values[name]
    return function(**arguments)


def _made(parameter: inspect.Parameter) -> Made | None:
    return next((it for it in get_args(parameter.annotation) if isinstance(it, Made)), None)


def is_named(context: typer.Context, option: str) -> bool:
    """Whether an option stands on the command line: its default and a variable do not count."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def refuse_named(context: typer.Context, reason: str, *options: str) -> None:
    """Refuse options that stand on the command line and would change nothing.

    Raises:
        PlaybackError: one of them does.
    """
    for option in options:
        if is_named(context, option):
            raise PlaybackError(f"--{option.replace('_', '-')} changes nothing here: {reason}")
