"""The property engine: Hypothesis draws recipes, NumPy makes points of them, laws judge them on every backend.

One Hypothesis example is a recipe, tried on several shapes and on every backend and dtype. Every style of point comes
once as an explicit example, the rest is drawn. The first backend sees all examples in float64 and half of them in
float32, others one dtype at a time. A failure is shrunk by Hypothesis to a plain recipe and a small shape,
and then in its numbers (:mod:`ntr_spec.verify.shrinking`). array-api-strict computes with NumPy, so it sees every
eighth example: it is asked whether hooks keep to the standard, not for other numbers.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from ntr_spec.laws import FloatLaw, Kind, Law, Quantifier
from ntr_spec.trees import Tree, is_container, leaves, shapes
from ntr_spec.verify.backends import Backend, available_backends
from ntr_spec.verify.blame import blame
from ntr_spec.verify.drawing import Recipe, draw, generic, styles
from ntr_spec.verify.existence import exists
from ntr_spec.verify.findings import Evidence, Status, Witness
from ntr_spec.verify.judging import (
    Case,
    Failure,
    NotApplicableError,
    Vacuous,
    failures,
    judge,
    literal,
    nested,
)
from ntr_spec.verify.misbehaviour import describe
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.shrinking import shrink
from ntr_spec.verify.subjects import check_shape

_SHAPES_PER_RECIPE = 5
_STRICT_EVERY = 8
_SHRINK_CALLS = 30
_ENGINE = "property"


def check(subject: Any, law: Law | FloatLaw, settings: Settings) -> tuple[Evidence, ...]:
    """Test one law of one subject: TESTED or REFUTED; SKIPPED where no example says anything.

    Args:
        subject: the norm, regularizer, method or problem.
        law: an exact law or a float law.
        settings: shapes, backends, number of examples, seed, time budget.
    """
    started = time.perf_counter()
    with _quiet():
        evidence = _checked(subject, law, settings, started)
    return (dataclasses.replace(evidence, seconds=time.perf_counter() - started),)


def _checked(subject: Any, law: Law | FloatLaw, settings: Settings, started: float) -> Evidence:
    try:
        run = _Run(subject, law, settings, started)
    except Exception as error:  # a declaration that raises outside any law: in `_shapes`, `_accepts`
        witness = Witness({}, law.statement, "any input", note=blame(error))
        return Evidence(law.name, _ENGINE, Status.REFUTED, witness=witness)
    try:
        return run.evidence()
    except NotApplicableError as reason:
        return Evidence(law.name, _ENGINE, Status.SKIPPED, reason=str(reason))
    except Exception as error:  # hooks are judged where they are called, so this is a fault of the engine
        return Evidence(law.name, _ENGINE, Status.UNDECIDED, reason=f"the engine failed: {describe(error)}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what hooks print and warn about off the screen; the law ``silent`` speaks of it."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


class _Enough(BaseException):
    """Ends a Hypothesis run from inside; not an Exception, so that Hypothesis takes it for no failure of the test."""


class _Run:
    """One law of one subject being tested."""

    def __init__(self, subject: Any, law: Law | FloatLaw, settings: Settings, started: float) -> None:
        self.subject, self.law, self.settings = subject, law, settings
        self.deadline = started + 0.6 * settings.timeout
        self.shrink_seconds = 0.2 * settings.timeout
        self.shapes = sorted(settings.test_shapes(subject), key=lambda s: (_size(s), str(s)))
        if isinstance(law, FloatLaw) and law.largest is not None:
            self.shapes = [s for s in self.shapes if _size(s) <= (law.largest or 0)] or self.shapes[:1]
        for shape in self.shapes:
            check_shape(subject, "shapes", shape)
        self.targets = _targets(law, settings)
        self.counts: dict[tuple[Backend, str], int] = {}
        self.tried: set[str] = set()
        self.silence = "the time budget was spent before the first example"
        self.failures: list[Failure] = []

    def evidence(self) -> Evidence:
        if not self.targets:
            reason = f"none of the backends {', '.join(self.settings.backends)} can tell, or none is installed"
            return Evidence(self.law.name, _ENGINE, Status.SKIPPED, reason=reason)
        if isinstance(self.law, Law) and self.law.quantifier is Quantifier.EXISTS:
            failure = exists(
                self.subject, self.missed, self.count, self.shapes, self.targets, self.deadline, self.law, self.settings
            )
        else:
            failure = self.for_all()
        if failure is not None:
            witness = self.witness(failure)
            if isinstance(self.law, Law) and self.law.quantifier is Quantifier.EXISTS and not failure.note:
                # A search that fails refutes nothing: some point that it did not try may do.
                reason = (
                    f"a search found no point that attains it; the nearest gives {witness.relation} ({witness.context})"
                )
                return Evidence(self.law.name, _ENGINE, Status.UNDECIDED, reason=reason)
            return Evidence(self.law.name, _ENGINE, Status.REFUTED, witness=witness)
        if not self.counts:
            # Where points were looked for and none found, there may be some: the law applies, and is open.
            open_ = isinstance(self.law, Law) and self.law.admit is not None
            status = Status.UNDECIDED if open_ else Status.SKIPPED
            return Evidence(self.law.name, _ENGINE, status, reason=self.silence)
        return Evidence(self.law.name, _ENGINE, Status.TESTED, scope=self.scope())

    # ---- for all -------------------------------------------------------------------------------------

    def for_all(self) -> Failure | None:
        import hypothesis
        from hypothesis import strategies as st

        share = self.law.share if isinstance(self.law, FloatLaw) else 1.0
        examples = max(1, int(self.settings.max_examples * share))
        window = min(_SHAPES_PER_RECIPE, examples)
        recipes = max(2, -(-examples // window))
        kinds = max(styles(s) for s in self.shapes)
        explicit = min(kinds, max(1, 3 * recipes // 4))
        calls = 0

        def test(recipe: Recipe) -> None:
            nonlocal calls
            found = self.try_recipe(recipe, window)
            calls += bool(self.failures)
            if calls > _SHRINK_CALLS or time.perf_counter() > self.deadline:
                raise _Enough
            assert found is None

        if hypothesis.currently_in_test_context():
            # Called from a test that Hypothesis runs, where it refuses to be nested: draw without it.
            rng = np.random.default_rng(self.settings.seed)
            drawn = [Recipe(int(rng.integers(kinds)), int(rng.integers(2**16))) for _ in range(recipes - explicit)]
            with contextlib.suppress(_Enough, AssertionError):
                for recipe in [Recipe(k, k) for k in range(explicit)] + drawn:
                    test(recipe)
            return self.smallest()
        wrapped = hypothesis.given(st.builds(Recipe, st.integers(0, kinds - 1), st.integers(0, 2**16)))(test)
        for k in reversed(range(explicit)):
            wrapped = hypothesis.example(Recipe(k, k))(wrapped)
        wrapped = hypothesis.seed(self.settings.seed)(wrapped)
        run = hypothesis.settings(
            max_examples=max(1, recipes - explicit),
            database=None,
            deadline=None,
            derandomize=False,  # the seed decides, whatever the caller's profile says
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink),
        )(wrapped)
        try:
            run()
        except NotApplicableError:
            raise
        except (_Enough, Exception):
            if not self.failures and time.perf_counter() <= self.deadline:
                raise
        return self.smallest()

    def try_recipe(self, recipe: Recipe, window: int) -> Failure | None:
        """The first failure on the shapes that this recipe visits, smaller shapes first; again where there are few."""
        count = len(self.shapes)
        offset = recipe.seed * window
        salted = dataclasses.replace(recipe, seed=recipe.seed + self.settings.seed * 2**20)
        for turn in sorted((offset + k) % max(count, window) for k in range(window)):
            values = self.admitted(draw(self.subject, self.law.variables, self.shapes[turn % count], salted, turn))
            for k, (backend, dtypes) in enumerate(self.targets):
                chance = recipe.seed + turn
                rare = _STRICT_EVERY if backend.name == "strict" and k > 0 else 1
                if chance % rare:
                    continue
                one = chance // rare % len(dtypes)
                for dtype in dtypes[one : one + 1] if k > 0 else dtypes[: 1 + chance % 2]:
                    layout = backend.layouts[chance // 2 % len(backend.layouts)] if chance % 3 else "C"
                    found = self.judge(Case(values, backend, dtype, layout))
                    if found is not None:
                        return found
        return None

    def admitted(self, values: dict[str, Any]) -> dict[str, Any]:
        """Drawn values where the law says something, if they can be moved there."""
        if isinstance(self.law, FloatLaw) or self.law.admit is None:
            return values
        try:
            return self.law.admit(self.subject, values)
        except Exception:  # a broken hook is the business of the law under test, not of the draw
            return values

    def judge(self, case: Case) -> Failure | None:
        """Judge a case, count it, remember a failure."""
        found = self.verdict(case)
        if isinstance(found, Vacuous):
            self.silence = found.reason
            return None
        if isinstance(found, Failure):
            self.failures.append(found)
            return found
        self.count(case)
        return None

    def count(self, case: Case) -> None:
        """Remember that the law was seen to hold at a case."""
        key = (case.backend, case.dtype)
        self.counts[key] = self.counts.get(key, 0) + 1
        self.tried.add(_shape_text(case.values))

    def missed(self, case: Case) -> tuple[Failure, ...]:
        """The parts of a law for some point that this one does not satisfy."""
        found = failures(self.subject, self.law, case)
        if isinstance(found, Vacuous):
            self.silence = found.reason
            return ()
        return found

    def verdict(self, case: Case) -> Failure | Vacuous | None:
        """Judge a case; in general position a failure counts only if it stays when the point moves a little."""
        found = judge(self.subject, self.law, case)
        if isinstance(found, Failure) and self.in_general_position and found.gap < np.inf:
            rng = np.random.default_rng(0)
            stays = 0
            for _ in range(8):
                moved = {
                    name: value + 0.05 * generic(shapes(value), rng) if not is_container(value) else value
                    for name, value in case.values.items()
                }
                stays += isinstance(judge(self.subject, self.law, dataclasses.replace(case, values=moved)), Failure)
            if stays < 6:
                return None
        return found

    @property
    def in_general_position(self) -> bool:
        return any(kind is Kind.GENERIC for _, kind in self.law.variables)

    # ---- results -------------------------------------------------------------------------------------

    def smallest(self) -> Failure | None:
        if not self.failures:
            return None
        failure = min(self.failures, key=lambda f: _size(shapes(next(iter(f.case.values.values())))))
        resizable = self.settings.shapes is None
        kinds = dict(self.law.variables)

        def retry(case: Case) -> Failure | None:
            points = [v for v in case.values.values() if not isinstance(v, float)]
            out_of_range = any(kinds[k] is Kind.POSITIVE and v <= 0 for k, v in case.values.items())
            if out_of_range or any(self.subject._accepts(shapes(p)) is not None for p in points):
                return None
            try:
                found = self.verdict(case)
            except NotApplicableError:
                return None
            return found if isinstance(found, Failure) and bool(found.note) == bool(failure.note) else None

        return shrink(failure, retry, resizable, self.shrink_seconds)

    def witness(self, failure: Failure) -> Witness:
        case = failure.case
        context = f"{case.backend.name} {case.dtype}, {_shape_text(case.values)}"
        if case.layout != "C":
            context += f", {case.layout} memory"
        values = case.values if failure.shown is None else failure.shown
        return Witness(
            inputs={name: literal(value, case.dtype) for name, value in values.items()},
            relation=failure.relation,
            context=context,
            points={name: nested(v, case.dtype) for name, v in values.items() if not isinstance(v, float)},
            note=failure.note,
        )

    def scope(self) -> str:
        parts = []
        for backend in dict.fromkeys(key[0] for key in self.counts):
            mine = {dtype: n for (b, dtype), n in self.counts.items() if b is backend}
            parts.append(f"{backend.name} {' '.join(mine)} {sum(mine.values())} examples")
        return f"{', '.join(parts)}; {len(self.tried)} shapes"


def _targets(law: Law | FloatLaw, settings: Settings) -> list[tuple[Backend, tuple[str, ...]]]:
    """Backends on which the law can be tested, each with its dtypes."""
    general = any(kind is Kind.GENERIC for _, kind in law.variables)
    chosen = []
    for backend in available_backends():
        if backend.name not in settings.backends:
            continue
        if isinstance(law, FloatLaw) and law.backends is not None and backend.name not in law.backends:
            continue
        # Second differences and margins of strict inequalities drown in float32's rounding.
        # The most precise comes first: its witness is the easiest to check on paper.
        dtypes = tuple(d for d in reversed(backend.dtypes) if d == "float64" or not general)
        if dtypes:
            chosen.append((backend, dtypes))
    return chosen


def _size(shape: Tree) -> int:
    return sum(leaf.size for leaf in leaves(shape))


def _shape_text(values: dict[str, Any]) -> str:
    points = [v for v in values.values() if not isinstance(v, float)]
    return f"shape {shapes(points[0])}" if points else "no points"
