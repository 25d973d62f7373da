"""How the functions of the kernel are compiled, and where their machine code is kept."""

import hashlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from numba import njit
from numba.core.caching import FunctionCache, IndexDataCacheFile

from playback import randomness

_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""Nothing may allocate: without numba's reference counts, which are of no use to borrowed arrays, a
play costs a third and the compilation takes half the time."""

compiled = njit(forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)
"""Compile a function into whatever calls it: to copy the fields of a `Day` at every call would take
longer than most functions do. Python cannot call it, which halves the time it takes to compile."""


@cache
def sources_digest() -> str:
    """Hash of all code that the kernel is compiled from."""
    digest = hashlib.blake2b(digest_size=8)
    for source in (Path(randomness.__file__), *sorted(Path(__file__).parent.rglob("*.py"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()


class _CacheFile(IndexDataCacheFile):
    """The files of a function's machine code: those of other sources go when it is compiled."""

    def save(self, key: object, data: object) -> None:
        super().save(key, data)
        folder, name = Path(self._cache_path), self._index_name.partition("-")[0]
        for file in folder.glob(f"{name}-*.nb[ic]"):
            if sources_digest() not in file.name:
                file.unlink(missing_ok=True)


class _Cache(FunctionCache):
    """Numba's cache, which would compare a function's own file alone and not those it calls."""

    def __init__(self, function: Callable) -> None:
        super().__init__(function)
        name = f"{function.__name__}-{sources_digest()}.{sys.implementation.cache_tag}"
        self._cache_file = _CacheFile(self._cache_path, name, sources_digest())


def compiled_entry(function: Callable) -> Callable:
    """Compile a function that Python calls, once for each machine."""
    entry = njit(**_OPTIONS)(function)
    entry._cache = _Cache(function)
    return entry


def is_kept(entry: Callable) -> bool:
    """Whether this machine keeps machine code of a `compiled_entry`."""
    file = entry._cache._cache_file
    return Path(file._cache_path, file._index_name).exists()
