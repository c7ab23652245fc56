"""``verify``: the public way in. Checks the arguments, runs the engines, returns a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ntr_spec.errors import InputError
from ntr_spec.problems.problem import Problem
from ntr_spec.trees import Shape, as_shape, leaves
from ntr_spec.verify.backends import backend
from ntr_spec.verify.ledger import Listener
from ntr_spec.verify.plan import Subject
from ntr_spec.verify.report import Report
from ntr_spec.verify.runner import run
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import A_ONE, KINDS, SubjectKind, check_shape, is_subject, kind_of


def verify(
    subject: Any,
    shapes: Sequence[Any] | None = None,
    dims: Sequence[int] | None = None,
    max_examples: int = 100,
    expected: Mapping[str, str] | None = None,
    *,
    backends: Sequence[str] | None = None,
    timeout: float = 10.0,
    jobs: int | None = None,
    seed: int = 0,
    listener: Listener | None = None,
) -> Report:
    """Verify every law of a norm, regularizer, method or problem: proved, tested everywhere, or refuted.

    What is wrong is refuted with a witness.

    Args:
        subject: an instance, such as ``Lp(3)``, ``Penalty(L1(), 0.1)`` or ``TrustRegion(L2())``.
        shapes: shapes on which to verify (ints, tuples, or pytrees of them); None lets the subject choose.
        dims: sizes of each axis for the exact engine where the subject chooses; None for 2 and 3.
        max_examples: points drawn per law, over all shapes.
        expected: for each law expected to fail or to stay undecided, the reason; the report is then ok only if it does.
        backends: among ``numpy strict torch jax cupy``; None for NumPy and the strict namespace.
        timeout: seconds that one law may take in one engine.
        jobs: worker processes; None: one per processor; 0: work in this process, where no deadline can be enforced.
        seed: seed of every random choice.
        listener: told of findings as they come.

    Returns:
        The report; if the run is interrupted (Ctrl-C), what was found so far, with ``complete`` False.

    Raises:
        InputError: an argument is unusable.
    """
    if not is_subject(subject):
        raise InputError(f"verify: expected {A_ONE}, got {_described(subject)}")
    settings = make_settings(shapes, dims, max_examples, backends, timeout, seed)
    check_jobs(jobs)
    check_shapes(subject, settings)
    found = run([Subject(subject, check_expected(expected, kind_of(subject)))], settings, jobs=jobs, listener=listener)
    if found.reports:
        return found.reports[0]
    raise KeyboardInterrupt  # interrupted before there was anything to report


def make_settings(
    shapes: Sequence[Any] | None,
    dims: Sequence[int] | None,
    max_examples: int,
    backends: Sequence[str] | None,
    timeout: float,
    seed: int,
) -> Settings:
    """Settings from what a user wrote.

    Raises:
        InputError: naming the argument, what it was and what it should be.
    """
    default = Settings()
    if shapes is not None and (isinstance(shapes, dict | str | int) or not _sized(shapes)):
        raise InputError(f"verify: expected shapes as a non-empty list such as [3, (2, 3)], got {shapes!r}")
    chosen = default.dims if dims is None else tuple(_whole("dims", d, 1) for d in _listed("dims", dims))
    names = default.backends if backends is None else tuple(_listed("backends", backends))
    for name in names:
        backend(name)  # raises for a name that is unknown or a library that is not installed
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < float("inf"):
        raise InputError(f"verify: expected a timeout in seconds greater than 0, got {timeout!r}")
    return Settings(
        shapes=None if shapes is None else tuple(_shape(s) for s in shapes),
        dims=chosen,
        max_examples=_whole("max_examples", max_examples, 1),
        backends=tuple(dict.fromkeys(names)),
        timeout=float(timeout),
        seed=_whole("seed", seed, 0),
    )


def check_jobs(jobs: int | None) -> None:
    """Raise unless ``jobs`` is None or a count.

    Raises:
        InputError: it is not.
    """
    if jobs is not None:
        _whole("jobs", jobs, 0)


def check_expected(expected: Mapping[str, str] | None, kind: SubjectKind) -> Mapping[str, str]:
    """The expected failures, each a law of this kind with a reason.

    Raises:
        InputError: an unknown law or an empty reason.
    """
    for law, reason in (expected or {}).items():
        if law not in kind.laws:
            close = get_close_matches(str(law), kind.laws, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise InputError(
                f"verify: expected names an unknown law {law!r}; {hint}the laws are {', '.join(kind.laws)}"
            )
        if not isinstance(reason, str) or not reason.strip():
            raise InputError(
                f"verify: expected[{law!r}] needs a reason, got {reason!r}; say in words why it should fail"
            )
    return dict(expected or {})


def check_shapes(subject: Any, settings: Settings) -> None:
    """Raise unless the subject accepts the shapes asked for.

    Raises:
        InputError: it does not.
    """
    for shape in settings.shapes or ():
        check_shape(subject, "verify", shape)


def _described(value: object) -> str:
    if isinstance(value, type):
        known = any(issubclass(value, kind.base) for kind in KINDS)
        return f"the class {value.__name__}" + (f"; write {value.__name__}() with its arguments" if known else "")
    if isinstance(value, Problem):
        return f"{type(value).__name__}, a problem that knows no constants; declare it as a Known to say what they are"
    return f"{type(value).__name__}; see the tutorial on declaring a norm"


def _shape(spec: Any) -> Any:
    try:
        found = as_shape(spec)
        if all(isinstance(leaf, Shape) and all(d >= 1 for d in leaf.dims) for leaf in leaves(found)):
            return found
    except (TypeError, ValueError):
        pass
    raise InputError(f"verify: expected a shape such as 3, (2, 3) or {{'W': (2, 3)}}, got {spec!r}")


def _listed(name: str, value: Any) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable) or not _sized(value):
        raise InputError(f"verify: expected {name} as a non-empty list, got {value!r}")
    return list(value)


def _sized(value: Any) -> bool:
    try:
        return len(value) > 0
    except TypeError:
        return False


def _whole(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"verify: expected {name} as a whole number of at least {least}, got {value!r}")
    return value
