"""Laws as pytest cases: one test id for each law of each subject, judged by the engine behind ``ntr_spec.verify``."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ntr_spec.errors import InputError
from ntr_spec.trees import as_shape
from ntr_spec.verify.findings import Evidence, Status
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import LAWS, SOME, AnyLaw, is_subject, kind_of


class LawError(AssertionError):
    """A law does not hold; the message states the law and a small input that refutes it."""


@dataclasses.dataclass(frozen=True)
class LawCheck:
    """One law of one subject, ready to be tested by calling it.

    Attributes:
        subject: the norm, regularizer, method or problem.
        law: the law's name.
        settings: shapes, examples, backends, seed.
        fixed: names of the settings that the test itself fixes; command-line options change only the others.
    """

    subject: Any
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

        law = kind_of(self.subject).laws[self.law]
        (evidence,) = check(self.subject, law, self.settings)
        if evidence.status is Status.REFUTED:
            raise LawError(
                f"{kind_of(self.subject).label(self.subject)} breaks {self.law} ({law.statement}) {evidence.witness}"
            )
        if evidence.status is Status.SKIPPED:
            pytest.skip(evidence.reason)
        return evidence

    def with_options(self, **options: Any) -> LawCheck:
        """The same check with those settings changed that the test leaves open."""
        changes = {name: value for name, value in options.items() if name not in self.fixed}
        return dataclasses.replace(self, settings=dataclasses.replace(self.settings, **changes))

    def __repr__(self) -> str:
        return f"LawCheck({self.subject!r}, {self.law!r})"


def parametrize_laws(
    subjects: Any,
    *,
    laws: Iterable[str] | None = None,
    shapes: Iterable[Any] | None = None,
    max_examples: int | None = None,
    backends: Iterable[str] | None = None,
    expected: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Run a test once for each law of each norm, regularizer, method or problem; the test calls its one argument.

        @parametrize_laws([MyNorm(), LInf()])
        def test_laws(check):
            check()

    Args:
        subjects: one norm, regularizer, method or problem, or several.
        laws: names of laws; None for all that apply. Laws that do not apply are left out.
        shapes: shapes on which to test; None lets each subject choose.
        max_examples: drawn examples per law and backend; None for 100, or what ``--ntr-examples`` says.
        backends: array libraries; None for NumPy and the strict namespace, or what ``--ntr-backends`` says.
        expected: laws that are expected to fail, each with a reason. If one holds after all, its test fails.

    Raises:
        InputError: an unknown law, a reason that is empty, or an expected failure of a law for which nothing is tested.
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
    for k, subject in enumerate(_listed(subjects)):
        mine = kind_of(subject).laws
        for name in chosen:
            if name not in mine or _missing(mine[name], subject):
                continue
            seen.add(name)
            marks = [pytest.mark.xfail(reason=reasons[name], strict=True, raises=LawError)] if name in reasons else []
            check = LawCheck(subject, name, settings, frozenset(fixed))
            cases.append(pytest.param(check, id=f"{_identifier(subject, k)}-{name}", marks=marks))
    for name in reasons:
        if name not in seen:
            raise InputError(f"parametrize_laws: expected names {name}, which applies to none of them; remove it")

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
    chosen = list(LAWS) if laws is None else list(laws)
    for name in chosen:
        if name not in LAWS:
            raise InputError(f"parametrize_laws: unknown law {name!r}; the laws are {', '.join(LAWS)}")
    return chosen


def _checked_reasons(expected: Mapping[str, str]) -> dict[str, str]:
    for name, reason in expected.items():
        if name not in LAWS:
            raise InputError(f"parametrize_laws: unknown law {name!r} in expected; the laws are {', '.join(LAWS)}")
        if not isinstance(reason, str) or not reason.strip():
            raise InputError(f"parametrize_laws: expected[{name!r}] needs a reason; say why the law is to fail")
    return dict(expected)


def _listed(subjects: Any) -> list[Any]:
    wanted = SOME
    found = [subjects] if is_subject(subjects) or not isinstance(subjects, Iterable) else list(subjects)
    for subject in found:
        if not is_subject(subject):
            raise InputError(f"parametrize_laws: expected {wanted}, got {subject!r}; pass instances such as L1()")
    if not found:
        raise InputError(f"parametrize_laws: expected {wanted}, got none; pass instances such as L1()")
    return found


def _missing(law: AnyLaw, subject: Any) -> str | None:
    try:
        return law.missing(subject)
    except Exception:  # a declaration that raises is a finding of the law itself
        return None


def _identifier(subject: Any, position: int) -> str:
    try:
        text = kind_of(subject).label(subject)
    except Exception:  # a user's __repr__
        return f"{type(subject).__name__}{position}"
    return text if len(text) <= 60 else f"{type(subject).__name__}{position}"
