"""Compile the kernel ahead of the first plays: in another process, while the catalogue is made."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context

import numpy as np

from playback.player import kernel
from playback.player.compiling import is_kept
from playback.player.pools import MEMBER, POOL, TRACK, Releases
from playback.player.records import (
    LISTENER,
    PERIOD,
    STATE,
    TASTE,
    Likes,
    Plays,
    Scratch,
    Simulation,
)
from playback.player.simulation import PlayerKnobs, laws_of


@contextmanager
def compiled_meanwhile(knobs: PlayerKnobs) -> Iterator[None]:
    """Have the kernel compiled by the end of this, unless this machine keeps its machine code.

    Whatever goes wrong there, the kernel is compiled when it is called.
    """
    if is_kept(kernel.play_days):
        yield
        return
    process = get_context("spawn").Process(target=_compile_alone, args=(knobs,), daemon=True)
    process.start()
    try:
        yield
        process.join()
    finally:
        process.terminate()


def _compile_alone(knobs: PlayerKnobs) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who waits is told, and ends it
    compile_kernel(knobs)


def compile_kernel(knobs: PlayerKnobs) -> None:
    """Compile what plays for the mechanism of these knobs: nobody plays nothing on no day."""
    nothing = Simulation(
        tracks=np.zeros(0, TRACK),
        pools=np.zeros(0, POOL),
        members=np.zeros(0, MEMBER),
        releases=Releases(np.zeros((0, 0), np.int32), 0),
        tastes=np.zeros(0, TASTE),
        periods=np.zeros(0, PERIOD),
        key=np.uint64(0),
        first_day=0,
        listeners=np.zeros(0, LISTENER),
        states=np.zeros(0, STATE),
        memories=np.zeros((0, 0), np.int32),
    )
    plays, likes = Plays.room_for(0), Likes.room_for(0)
    kernel.play_days(nothing, *laws_of(knobs), (0, 0), 0, 0, plays, likes, Scratch.empty())
    kernel.checksum(plays, 0)
