"""What runs inside a worker process: describe a subject, check one law with one engine, draw one picture.

These are the only functions that call a user's hooks, so nothing a hook does (raise, print, never return, end the
process) can reach the process that schedules and prints. Each takes plain values and returns plain values.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from ntr_spec.laws import FloatLaw
from ntr_spec.plotting import Picture
from ntr_spec.processes import end_with_parent
from ntr_spec.verify.blame import blame
from ntr_spec.verify.findings import Evidence, Status, Witness
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import SubjectKind, kind_of

T = TypeVar("T")
Engine = Callable[[Any, Any, Settings], tuple[Evidence, ...]]

ENGINES: tuple[str, ...] = ("derive", "property", "exact")
"""The engines, in the order in which they are started; each is ``ntr_spec.verify.<name>.check``. Lemmas come before
the exact engine, which tries less hard where they have settled a law for every size."""

_worker = False  # whether this process is one of the runner's


def engines_for(kind: SubjectKind, law: str, engines: tuple[str, ...] = ENGINES) -> tuple[str, ...]:
    """The engines that can speak about a law; float laws are about runs, hence for the property engine alone."""
    able = ("property",) if isinstance(kind.laws[law], FloatLaw) else kind.engines
    return tuple(name for name in engines if name in able or name not in ENGINES)


@dataclasses.dataclass(frozen=True)
class Description:
    """How a subject is written, and the laws that do not apply to it.

    Attributes:
        notation: the subject in mathematical notation.
        dual: what belongs to it by duality, a norm's dual or a regularizer's conjugate; "" for a method.
        claims: what it claims to be.
        missing: for each law that does not apply, why.
        broken: what went wrong while it was asked for these, or "".
    """

    notation: str = ""
    dual: str = ""
    claims: tuple[str, ...] = ()
    missing: Mapping[str, str] = dataclasses.field(default_factory=dict)
    broken: str = ""


def describe(blob: bytes) -> Description:
    """Ask a subject for its notation, dual, claims, and which laws do not apply."""
    with _contained():
        try:
            subject = _load(blob)
            kind = kind_of(subject)
        except BaseException as error:
            return Description(broken=f"it cannot be rebuilt in a worker process ({in_words(error)})")
        missing: dict[str, str] = {}
        for name, law in kind.laws.items():
            # A law whose applicability cannot be told goes to the engines, which report the exception as a finding.
            reason = _attempt(functools.partial(law.missing, subject), None)
            if reason is not None:
                missing[name] = reason
        return Description(
            notation=_attempt(lambda: kind.notation(subject), type(subject).__name__),
            dual=_attempt(lambda: kind.partner_notation(subject), "?"),
            claims=_attempt(lambda: kind.claims(subject), ()),
            missing=missing,
        )


def check(blob: bytes, law: str, engine: str, settings: Settings, fake: Engine | None = None) -> tuple[Evidence, ...]:
    """What one engine says about one law; an exception that escapes the engine is UNDECIDED with its text.

    Args:
        blob: the pickled subject.
        law: the law's name.
        engine: one of :data:`ENGINES`.
        settings: what the engine is asked to do.
        fake: called in the engine's place, by tests of the runner.
    """
    start = time.perf_counter()
    with _contained():
        try:
            run: Engine = fake or importlib.import_module(f"ntr_spec.verify.{engine}").check
            subject = _load(blob)
            return tuple(run(subject, kind_of(subject).laws[law], settings))
        except BaseException as error:
            if _is_callers(error):
                raise
            told = blame(error)
            reason = told if told.endswith("mend the hook") else f"stopped with {in_words(error)}"
            seconds = time.perf_counter() - start
            return (Evidence(law, "runner", Status.UNDECIDED, f"{engine} engine", reason, seconds=seconds),)


def draw(blob: bytes, witnesses: tuple[Witness, ...]) -> Picture | None:
    """The picture of a subject with its witnesses, or None where it has no two-dimensional face."""

    def drawn() -> Picture | None:
        subject = _load(blob)
        return kind_of(subject).picture(subject, tuple(w.points for w in witnesses))

    with _contained():
        return _attempt(drawn, None)  # a hook that fails here has failed a law already


def warm(engine: str, backends: tuple[str, ...]) -> None:
    """Import what an engine needs, so that a law's time budget does not pay for it."""
    with contextlib.suppress(Exception), _contained():
        if engine:
            importlib.import_module(f"ntr_spec.verify.{engine}")
        if engine == "property":
            for name in backends:
                importlib.import_module({"strict": "array_api_strict", "jax": "jax.numpy"}.get(name, name))


def start_worker() -> None:
    """Make a worker process quiet and mortal: its output goes nowhere, and it ends when its parent does."""
    global _worker
    _worker = True
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null, stream)
    os.close(null)
    warnings.simplefilter("ignore")
    end_with_parent()


def in_words(error: BaseException) -> str:
    """``ValueError: text`` on one line, at most 200 characters.

    >>> in_words(ValueError("no\\nsuch thing"))
    'ValueError: no such thing'
    """
    text = " ".join(_attempt(lambda: str(error), "").split())
    name = type(error).__name__
    return f"{name}: {text[:200]}" if text else name


@functools.lru_cache(maxsize=64)
def _load(blob: bytes) -> Any:
    """Rebuild a subject once per process, so that engines can remember what they know about it."""
    import cloudpickle

    return cloudpickle.loads(blob)


@contextlib.contextmanager
def _contained() -> Iterator[None]:
    """Keep what hooks print out of the report; their warnings are not ours to show."""
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _attempt(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except BaseException as error:  # a hook's SystemExit included
        if _is_callers(error):
            raise
        return otherwise


def _is_callers(error: BaseException) -> bool:
    """Whether an exception is Ctrl-C. Worker processes block the signal, so there a hook raised it."""
    return isinstance(error, KeyboardInterrupt) and not _worker
