"""A method with everything opened that its equations are about: numbers become symbols, the LMO a symbol applied."""

from __future__ import annotations

import dataclasses
import numbers
from typing import Any, NamedTuple, TypeVar

import sympy as sp

from ntr_spec.algorithms import Convention, Method, TrustRegion
from ntr_spec.arrays import Namespace
from ntr_spec.errors import UntraceableError
from ntr_spec.norms.base import Norm
from ntr_spec.steps import Regularizer, Zero
from ntr_spec.trees import Tree
from ntr_spec.verify.equations.vector import Application, Scalar, Vector, as_number
from ntr_spec.verify.equations.writing import TextWriter

Array = Any
_Declared = TypeVar("_Declared")
_LETTERS = {"radius": "η", "momentum": "μ", "decay": "β", "blend": "b"}
_WORDS = {"momentum": "momentum, the weight kept", "blend": "weight of the old momentum in the step"}


class Setting(NamedTuple):
    """A number of a method and the symbol that stands for it.

    Attributes:
        symbol: a SymPy symbol; its name ends in ``_k`` if the number changes from step to step.
        field: the name of the method's setting.
        value: a number or a schedule.
    """

    symbol: Any
    field: str
    value: Any

    def __str__(self) -> str:
        return f"{TextWriter().scalar(self.symbol)} = {self.given}"

    @property
    def words(self) -> str:
        """What it is."""
        return _WORDS.get(self.field, self.field)

    @property
    def given(self) -> str:
        """The value as it was given."""
        if isinstance(self.value, numbers.Real):
            return f"{float(self.value):g}"
        return repr(self.value) if dataclasses.is_dataclass(self.value) else "a schedule of the step"


class _Symbol(Scalar):
    """A number, or a schedule that gives it whatever the step: a method of a user's own may take plain numbers."""

    __slots__ = ()

    def __call__(self, step: Any) -> Scalar:
        return self


@dataclasses.dataclass(frozen=True)
class OpaqueNorm(Norm):
    """A norm of which only the LMO is known, and of that only its name."""

    def _value(self, x: Tree, xp: Namespace) -> Array:
        raise UntraceableError("equations: update asks for the norm of a point; equations are known for its LMO alone")

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        return Vector(Application("lmo", (g,)))

    def _accepts(self, shape: Tree) -> str | None:
        return None


@dataclasses.dataclass(frozen=True)
class OpaqueRegularizer(Regularizer):
    """A regularizer of which nothing is known."""

    def _value(self, x: Tree, xp: Namespace) -> Array:
        raise UntraceableError("equations: update asks for the regularizer's value; equations are known for its step")

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        raise UntraceableError("equations: update asks for the regularizer's prox; equations are known for its step")


def opened_method(method: Method) -> tuple[Method, tuple[Setting, ...]]:
    """The same method, on an opaque norm and with symbols for numbers that are not zero; and those numbers."""
    settings: list[Setting] = []
    traced = _opened(method, settings)
    if isinstance(method, TrustRegion) and not isinstance(method.regularizer, Zero):
        traced = _with_opaque_solver(traced)
    return traced, tuple(settings)


def _opened(declared: _Declared, settings: list[Setting]) -> _Declared:
    if not dataclasses.is_dataclass(declared):
        raise UntraceableError(f"equations: expected a method that is a dataclass, got {type(declared).__name__}")
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(declared):
        value = getattr(declared, field.name)
        if isinstance(value, Norm):
            changes[field.name] = OpaqueNorm()
        elif isinstance(value, Regularizer):
            changes[field.name] = value if isinstance(value, Zero) else OpaqueRegularizer()
        elif isinstance(value, Convention):
            changes[field.name] = _opened(value, settings)
        elif field.name in _LETTERS and value is not None and not (isinstance(value, numbers.Real) and value == 0):
            index = "_k" if callable(value) else ""
            symbol = sp.Symbol(_LETTERS[field.name] + index)
            settings.append(Setting(symbol, field.name, value))
            changes[field.name] = _Symbol(symbol)
    found: _Declared = dataclasses.replace(declared, **changes)  # type: ignore[type-var]
    return found


def _with_opaque_solver(method: Method) -> Method:
    """The same method, but for what solves its subproblem: that is not solved but named, with what it was given."""
    cls = type(method)
    opaque = type(cls.__name__, (cls,), {"_solve": staticmethod(_named_subproblem)})
    found: Method = object.__new__(opaque)
    for name, value in vars(method).items():
        object.__setattr__(found, name, value)
    return found


def _named_subproblem(
    norm: Norm, m: Vector, center: Vector, radius: Any, regularizer: Regularizer, xp: Namespace
) -> Vector:
    """argmin{⟨m, z⟩ + R(z) : ‖z − center‖ ≤ radius}, in the norm and with the regularizer that were made opaque."""
    size = as_number(radius)
    if not (isinstance(norm, OpaqueNorm) and isinstance(regularizer, OpaqueRegularizer)) or size is None:
        raise UntraceableError(
            f"equations: update solves a subproblem in {norm} with {regularizer} and radius {radius}; "
            "equations are known for the method's own norm and regularizer"
        )
    return Vector(Application("argmin", (m, center), (size,)))
