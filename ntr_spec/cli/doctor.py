"""``ntr-spec doctor``: which backends, dtypes, engines and versions this machine has."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

from rich.console import Console

from ntr_spec.arrays import namespace_of
from ntr_spec.verify.backends import BACKENDS, Backend
from ntr_spec.verify.environment import environment
from ntr_spec.verify.work import in_words

_ENGINES = (
    ("exact", "z3-solver", "Z3 and SymPy"),
    ("property", "hypothesis", "Hypothesis"),
    ("lemma", "sympy", "SymPy"),
)


def print_doctor(console: Console) -> None:
    """Print what this machine has; libraries are imported to be asked for their devices."""
    known = environment()
    lines = [
        f"ntr-spec {known['ntr-spec']}, Python {known['python']} at {sys.executable}",
        known["platform"],
        "",
    ]
    lines.append(f"processors  {_processors()}")
    lines += ["", "engines"]
    for name, package, what in _ENGINES:
        lines.append(f"  {name:9} {what} ({package} {known.get(package, 'is not installed')})")
    lines += ["", "backends"]
    for backend in BACKENDS:
        lines += [f"  {backend.name:9} {line}" for line in _backend(backend)]
    lines += ["", "other versions"]
    lines += [f"  {name:16} {known[name]}" for name in sorted(known) if name not in ("ntr-spec", "python", "platform")]
    console.file.write("\n".join(lines) + "\n")


def _backend(backend: Backend) -> Iterator[str]:
    try:
        if not backend.installed:
            there = importlib.util.find_spec(backend.package) is not None
            advice = f"not usable here (install {backend.distribution})"
            yield "installed, but no CUDA device answers" if there else advice
            return
        subnormals = [dtype for dtype in backend.dtypes if backend.flushes_subnormals(dtype)]
        flushed = f"; flushes subnormals in {', '.join(subnormals)}" if subnormals else ""
        devices = ", ".join(backend.devices)
        yield f"{backend.version}: {', '.join((*backend.dtypes, *_halves(backend)))} on {devices}{flushed}"
    except Exception as error:  # a broken installation is what a doctor is for
        yield f"installed, but broken ({in_words(error)})"


def _halves(backend: Backend) -> Iterator[str]:
    """Half precisions that norms take of this library."""
    xp = namespace_of(backend.asarray([1.0], backend.dtypes[0]))
    for name in ("bfloat16", "float16"):
        dtype = getattr(xp, name, None)
        if dtype is not None and xp.limits(dtype) is not None:
            yield name


def _processors() -> int:
    import loky

    return int(loky.cpu_count())
