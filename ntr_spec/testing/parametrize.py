"""Laws as pytest cases: one test id for each norm and law, judged by the engine behind ``ntr_spec.verify``."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ntr_spec.errors import InputError
from ntr_spec.laws import EXACT_LAWS, FLOAT_LAWS, FloatLaw, Law
from ntr_spec.norms.base import Norm
from ntr_spec.trees import as_shape
from ntr_spec.verify.findings import Evidence, Status
from ntr_spec.verify.settings import Settings

_LAWS: dict[str, Law | FloatLaw] = {law.name: law for law in EXACT_LAWS + FLOAT_LAWS}


class LawError(AssertionError):
    """A law does not hold for a norm; the message states the law and a small input that refutes it."""


@dataclasses.dataclass(frozen=True)
class LawCheck:
    """One law of one norm, ready to be tested by calling it.

    Attributes:
        norm: the norm.
        law: the law's name.
        settings: shapes, examples, backends, seed.
        fixed: names of the settings that the test itself fixes; command-line options change only the others.
    """

    norm: Norm
    law: str
    settings: Settings = dataclasses.field(default_factory=Settings)
    fixed: frozenset[str] = frozenset()

    def __call__(self) -> Evidence:
        """Test the law.

        Raises:
            LawError: it is refuted.
            pytest.skip.Exception: no example says anything about it here.
        """
        import pytest

        from ntr_spec.verify.property import check

        law = _LAWS[self.law]
        (evidence,) = check(self.norm, law, self.settings)
        if evidence.status is Status.REFUTED:
            raise LawError(f"{self.norm!r} breaks {self.law} ({law.statement}) {evidence.witness}")
        if evidence.status is Status.SKIPPED:
            pytest.skip(evidence.reason)
        return evidence

    def with_options(self, **options: Any) -> LawCheck:
        """The same check with those settings changed that the test leaves open."""
        changes = {name: value for name, value in options.items() if name not in self.fixed}
        return dataclasses.replace(self, settings=dataclasses.replace(self.settings, **changes))

    def __repr__(self) -> str:
        return f"LawCheck({self.norm!r}, {self.law!r})"


def parametrize_laws(
    norms: Norm | Iterable[Norm],
    *,
    laws: Iterable[str] | None = None,
    shapes: Iterable[Any] | None = None,
    max_examples: int | None = None,
    backends: Iterable[str] | None = None,
    expected: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Run a test once for each law of each norm; the test takes one argument and calls it.

        @parametrize_laws([MyNorm(), LInf()])
        def test_laws(check):
            check()

    Args:
        norms: one norm or several.
        laws: names of laws; None for all that apply. Laws that do not apply are left out.
        shapes: shapes on which to test; None lets each norm choose.
        max_examples: drawn examples per law and backend; None for 100, or what ``--ntr-examples`` says.
        backends: array libraries; None for NumPy and the strict namespace, or what ``--ntr-backends`` says.
        expected: laws that are expected to fail, each with a reason. If one holds after all, its test fails.

    Raises:
        InputError: an unknown law, a reason that is empty, or an expected failure of a law that no norm is tested for.
    """
    import pytest

    chosen = _checked_laws(laws)
    reasons = _checked_reasons(expected or {})
    given = {
        "shapes": None if shapes is None else tuple(as_shape(s) for s in shapes),
        "max_examples": max_examples,
        "backends": None if backends is None else tuple(backends),
    }
    fixed = {name: value for name, value in given.items() if value is not None}
    settings = Settings(**fixed)  # type: ignore[arg-type]
    cases, seen = [], set()
    for k, norm in enumerate(_listed(norms)):
        for name in chosen:
            if _missing(norm, name):
                continue
            seen.add(name)
            marks = [pytest.mark.xfail(reason=reasons[name], strict=True, raises=LawError)] if name in reasons else []
            check = LawCheck(norm, name, settings, frozenset(fixed))
            cases.append(pytest.param(check, id=f"{_identifier(norm, k)}-{name}", marks=marks))
    for name in reasons:
        if name not in seen:
            raise InputError(f"parametrize_laws: expected names {name}, which applies to none of the norms; remove it")

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        arguments = list(inspect.signature(function).parameters)
        if not arguments:
            raise InputError(
                "parametrize_laws: expected a test with one argument; write `def test_laws(check): check()`"
            )
        argument = "check" if "check" in arguments else arguments[0]
        decorated: Callable[..., Any] = pytest.mark.parametrize(argument, cases)(function)
        return decorated

    return decorate


def _checked_laws(laws: Iterable[str] | None) -> list[str]:
    if isinstance(laws, str):
        raise InputError(f"parametrize_laws: expected a list of laws, got {laws!r}; write [{laws!r}]")
    chosen = list(_LAWS) if laws is None else list(laws)
    for name in chosen:
        if name not in _LAWS:
            raise InputError(f"parametrize_laws: unknown law {name!r}; the laws are {', '.join(_LAWS)}")
    return chosen


def _checked_reasons(expected: Mapping[str, str]) -> dict[str, str]:
    for name, reason in expected.items():
        if name not in _LAWS:
            raise InputError(f"parametrize_laws: unknown law {name!r} in expected; the laws are {', '.join(_LAWS)}")
        if not isinstance(reason, str) or not reason.strip():
            raise InputError(f"parametrize_laws: expected[{name!r}] needs a reason; say why the law is to fail")
    return dict(expected)


def _listed(norms: Norm | Iterable[Norm]) -> list[Norm]:
    if not isinstance(norms, Norm | Iterable):
        raise InputError(f"parametrize_laws: expected norms, got {norms!r}; pass instances such as L1()")
    found = [norms] if isinstance(norms, Norm) else list(norms)
    for norm in found:
        if not isinstance(norm, Norm):
            raise InputError(f"parametrize_laws: expected norms, got {norm!r}; pass instances such as L1()")
    if not found:
        raise InputError("parametrize_laws: expected at least one norm, got none; pass instances such as L1()")
    return found


def _missing(norm: Norm, name: str) -> str | None:
    try:
        return _LAWS[name].missing(norm)
    except Exception:  # a declaration that raises is a finding of the law itself
        return None


def _identifier(norm: Norm, position: int) -> str:
    try:
        text = repr(norm)
    except Exception:  # a user's __repr__
        return f"{type(norm).__name__}{position}"
    return text if len(text) <= 60 else f"{type(norm).__name__}{position}"
