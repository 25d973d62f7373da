"""How the functions of the kernel are compiled, and where their machine code is kept."""

import hashlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from numba import njit
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult

from playback import randomness

_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""Nothing may allocate: without numba's reference counts, which are of no use to borrowed arrays, a
play costs a third and the compilation takes half the time."""


class _PartLibrary(JITCodeLibrary):
    """The code of a function that is only ever a part of others.

    It is optimised and turned into machine code where it is a part of an entry, and nowhere else:
    that is what most of the compilation would go into.
    """

    @property
    def codegen(self) -> "_PartLibrary":
        """Whom `set_env` is asked of."""
        return self

    def set_env(self, name: str, environment: object) -> None:
        """There is no machine code that would have an environment."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class _PartCompiler(Compiler):
    """Numba's compiler, but for where it puts the code."""

    def compile_extra(self, function: Callable) -> CompileResult:
        codegen = self.state.targetctx.codegen()
        self.state.library = _PartLibrary(codegen, function.__qualname__)
        return super().compile_extra(function)


compiled = njit(
    forceinline=True,
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
    pipeline_class=_PartCompiler,
    **_OPTIONS,
)
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
    entry = njit(no_cfunc_wrapper=True, **_OPTIONS)(function)
    entry._cache = _Cache(function)
    return entry


def is_kept(entry: Callable) -> bool:
    """Whether this machine keeps machine code of a `compiled_entry`."""
    file = entry._cache._cache_file
    return Path(file._cache_path, file._index_name).exists()
