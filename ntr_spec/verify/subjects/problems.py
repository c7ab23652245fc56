"""Problems with known constants as subjects."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np

from ntr_spec.arrays import Namespace, euclidean, largest_entry
from ntr_spec.laws.noise import PROBLEM_FLOAT_LAWS
from ntr_spec.laws.objectives import gradient, measured, point, remembered
from ntr_spec.laws.pieces import verbs
from ntr_spec.laws.problems import PROBLEM_LAWS
from ntr_spec.laws.reaching import anchors, steepest
from ntr_spec.norms import Norm
from ntr_spec.plotting import Picture
from ntr_spec.problems.catalogue import catalogue
from ntr_spec.problems.known import Constant, Known
from ntr_spec.problems.noise import Noise
from ntr_spec.steps import Regularizer
from ntr_spec.trees import Shape, Tree, shapes, tree_map
from ntr_spec.verify.misbehaviour import MisbehaviourError, check_array, check_point, kind_of
from ntr_spec.verify.subjects.kind import Quantity, SubjectKind

Array = Any

_PLAIN = 3  # of so many draws and three others, the point is taken as it was drawn


@final
class ProblemKind(SubjectKind):
    """Problems, by value, gradient, Hessian-vector product and constants."""

    name = "problem"
    base = Known
    partner = ""
    hooks = (
        *("_value_and_gradient", "_hessian_vector", "_smoothness", "_second_smoothness", "_accepts", "_shapes"),
        *("minimizer", "infimum", "star_convex", "norm", "regularizer"),
    )
    chapters = (PROBLEM_LAWS[:4], PROBLEM_LAWS[4:], PROBLEM_FLOAT_LAWS)
    engines = ("property", "exact")
    hint = "declare `class MyProblem(ntr.problems.Known)` with its hooks, or bind an instance"

    def label(self, subject: Known, name: str = "") -> str:
        """Its name, or its class with all that is no array; arrays are too long to be read."""
        return name or _described(subject)

    def catalogue(self) -> tuple[tuple[str, Known], ...]:
        """Of :mod:`ntr_spec.problems.catalogue`."""
        return catalogue()

    def notation(self, subject: Known) -> str:
        """f(x), where the first line of its class's docstring says it."""
        line = (type(subject).__doc__ or "").strip().partition("\n")[0]
        return line.removesuffix(".") if line.startswith("f(") else ""

    def partner_notation(self, subject: Known) -> str:
        """None: a problem has no dual here."""
        return ""

    def claims(self, subject: Known) -> tuple[str, ...]:
        """Star-convexity, and in how many norms its constants are known and tight."""
        found = ["star-convex"] if subject.star_convex else []
        for name in ("L", "H"):
            known = [m.known[name] for m in measured(subject) if name in m.known]
            if known:
                tight = sum(constant.tight for constant in known)
                found.append(f"{name} in {len(known)} norms, tight in {tight}")
        return tuple(found)

    def formulas(self, subject: Known) -> Mapping[str, tuple[str, Callable[[Tree], Tree]]]:
        """Value, gradient, and the Hessian times the point."""
        names = ("value", "gradient", "Hessian times x")
        return {name: ("x", verb) for name, (_, verb) in zip(names, verbs(subject), strict=False)}

    def picture(self, subject: Known, points: tuple[Mapping[str, Any], ...]) -> Picture | None:
        """None."""
        return None

    def watched(self, subject: Known) -> Known:
        """See :class:`WatchedProblem`; the same one for the same problem, so that its constants are asked for once."""
        return _watched(subject)

    def verbs(self, subject: Known) -> tuple[Callable[[Tree], Any], ...]:
        """Value, gradient, Hessian times the point, stochastic gradient."""
        return tuple(verb for _, verb in verbs(subject))

    def quantities(self, subject: Known) -> tuple[Quantity, ...]:
        """The value, and the sizes of the gradient and of the Hessian times the point."""
        value, slope, bent, _ = verbs(subject)
        return (
            Quantity("f(x)", value[1], 1.0),
            Quantity("‖∇f(x)‖₂", lambda x: euclidean(slope[1](x)), 1.0),
            Quantity("‖∇²f(x)x‖₂", lambda x: euclidean(bent[1](x)), 1.0),
        )

    def test_dims(self, subject: Known) -> tuple[int, ...]:
        """No matter: a problem has one shape."""
        return (2,)

    def near(self, subject: Known, x: Tree, rng: np.random.Generator) -> Tree:
        """Often x*, x0 or 0 plus a multiple of the point: of that length on which the problem changes, or less."""
        turn, power = int(rng.integers(_PLAIN + 3)), int(rng.integers(0, 12))
        if turn < _PLAIN:
            return x
        around = anchors(subject, x)
        size = max(float(largest_entry(a)) for a in around) or 1.0
        scale = size * 2.0 ** (2 - power) / (float(largest_entry(x)) or 1.0)
        return tree_map(lambda a, b: a + scale * b, around[turn % len(around)], x)

    def companions(self, subject: Known) -> tuple[Callable[[Tree], Tree], Callable[[Tree], Tree]]:
        """A point in a direction of large curvature; and x*, or where there is none a gradient step."""
        m = measured(subject)[0]

        def steep(x: Tree) -> Tree:
            return tree_map(lambda a, b: a + b, x, steepest(subject, m, x, gradient(subject, x)))

        def low(x: Tree) -> Tree:
            if subject.minimizer is not None:
                return point(subject.minimizer, x)
            return tree_map(lambda a, b: a - b / (m.value("L") or 1.0), x, gradient(subject, x))

        return steep, low

    def size(self, subject: Known, x: Tree) -> float:
        """1, for the one positive number that laws draw is a ratio."""
        return 1.0

    def follow(self, subject: Known, x: Tree) -> Tree:
        """A direction of large curvature at x*, or where there is none at x0."""
        return steepest(subject, measured(subject)[0], anchors(subject, x)[0], x)


@final
class WatchedProblem(Known):
    """The same problem, with what its hooks return checked for type and shape."""

    arrays = ("problem",)

    def __init__(self, problem: Known) -> None:
        self.problem = problem
        self.x0 = problem.x0

    def _value_and_gradient(self, x: Tree, step: int | None, xp: Namespace) -> tuple[Array, Tree]:
        found: Any = self.problem._value_and_gradient(x, step, xp)
        if not isinstance(found, tuple) or len(found) != 2:
            name = f"{type(self.problem).__name__}._value_and_gradient"
            raise MisbehaviourError(f"{name} returned {kind_of(found)}; return the pair of f(x) and ∇f(x)")
        value, slope = found
        check_array(self.problem, "_value_and_gradient", value, Shape(()), xp)
        return value, check_point(self.problem, "_value_and_gradient", slope, x, xp)

    def _hessian_vector(self, x: Tree, v: Tree, xp: Namespace) -> Tree:
        return check_point(self.problem, "_hessian_vector", self.problem._hessian_vector(x, v, xp), x, xp)

    def _smoothness(self, norm: Norm) -> Constant | None:
        return self._constant("_smoothness", self.problem._smoothness(norm))

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return self._constant("_second_smoothness", self.problem._second_smoothness(norm))

    def _constant(self, hook: str, found: Any) -> Constant | None:
        if found is not None and not isinstance(found, Constant):
            name = f"{type(self.problem).__name__}.{hook}"
            raise MisbehaviourError(f"{name} returned {kind_of(found)}; return a Constant(value, tight, why), or None")
        return found

    @property
    def minimizer(self) -> Tree | None:
        """The problem's, checked for its shape."""
        found = self.problem.minimizer
        if found is not None and shapes(found) != shapes(self.problem.x0):
            name = f"{type(self.problem).__name__}.minimizer"
            raise MisbehaviourError(f"{name} has shape {shapes(found)} where x0 has {shapes(self.problem.x0)}")
        return found

    @property
    def infimum(self) -> float | None:
        """The problem's."""
        return self.problem.infimum

    @property
    def star_convex(self) -> bool:
        """The problem's."""
        return self.problem.star_convex

    @property
    def norm(self) -> Norm:
        """The problem's."""
        return self.problem.norm

    @property
    def regularizer(self) -> Regularizer:
        """The problem's."""
        return self.problem.regularizer

    @property
    def _noise(self) -> Noise | None:
        return self.problem._noise

    @property
    def _sigma(self) -> float | None:
        return self.problem._sigma


@remembered
def _watched(problem: Known) -> WatchedProblem:
    return WatchedProblem(problem)


def _described(value: Any) -> str:
    arrays = value.arrays if isinstance(value, Known) else None
    if arrays is None or not dataclasses.is_dataclass(value):
        return repr(value)
    told = [
        f"{field.name}={_described(getattr(value, field.name))}"
        for field in dataclasses.fields(value)
        if field.init and (field.name not in arrays or isinstance(getattr(value, field.name), Known))
    ]
    return f"{type(value).__name__}({', '.join(told)})"
