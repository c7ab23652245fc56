"""``Contender``, what a table measures: the package's own LMOs, what else is installed, and one matrix product."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar, Literal, final

from ntr_spec.bench.places import Place
from ntr_spec.norms.base import Norm
from ntr_spec.norms.fibres import Stacked
from ntr_spec.norms.matrix import RMSOperator
from ntr_spec.norms.spectral import Nuclear, Spectral

Array = Any
Kind = Literal["product", "solver", "peer"]


@final
@dataclasses.dataclass(frozen=True)
class Answer:
    """What a call returned, put alike for all contenders.

    Attributes:
        v: the LMO, or None for what has none.
        delta: what was certified of it, or None.
        solver: which solver ran, where it says so.
        fallback: why it gave way to another, in words.
    """

    v: Array | None
    delta: Array | None = None
    solver: str = ""
    fallback: str = ""


@final
@dataclasses.dataclass(frozen=True)
class Prepared:
    """Functions without arguments, bound to one point.

    Attributes:
        call: what is timed, with its certificate where there is one.
        answer: reads what ``call`` returned.
        plain: the same without a certificate, or None.
    """

    call: Callable[[], Any]
    answer: Callable[[Any], Answer]
    plain: Callable[[], Any] | None = None


class Contender(abc.ABC):
    """Something to measure."""

    kind: ClassVar[Kind]

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """How a table calls it."""

    @abc.abstractmethod
    def prepared(self, x: Array, place: Place) -> Prepared:
        """Bound to a point x, a matrix or a stack of them."""


@final
@dataclasses.dataclass(frozen=True)
class Product(Contender):
    """One product of the m×n matrix with a square one of its smaller side, 2mn·min(m, n) operations: the yardstick."""

    kind: ClassVar[Kind] = "product"

    @property
    def name(self) -> str:
        """As in the tables."""
        return "one GEMM"

    def prepared(self, x: Array, place: Place) -> Prepared:
        """x·S for a tall x, S·x for a wide one; S is a corner of x."""
        m, n = x.shape[-2:]
        r = min(m, n)
        square = x[..., :r, :r] + 0  # an array of its own, as any other operand would be
        multiply = place.compiled((lambda a, s: a @ s) if m >= n else (lambda a, s: s @ a))
        return Prepared(lambda: multiply(x, square), lambda _: Answer(None))


@final
@dataclasses.dataclass(frozen=True)
class Ours(Contender):
    """A norm's LMO, through the public verb, as users call it.

    Args:
        norm: the norm, on matrices; stacks are wrapped in :class:`~ntr_spec.Stacked`.
        label: how to call it; empty: as its solver is typed.
    """

    norm: Norm
    label: str = ""

    kind: ClassVar[Kind] = "solver"

    @property
    def name(self) -> str:
        """As in the tables."""
        return self.label or repr(self.solver)

    @property
    def solver(self) -> Any:
        """The solver inside the norm; the norm itself if there is none."""
        if isinstance(self.norm, Spectral | RMSOperator):
            return self.norm.polar
        return self.norm.leading if isinstance(self.norm, Nuclear) else self.norm

    def prepared(self, x: Array, place: Place) -> Prepared:
        """``lmo`` with and without its certificate."""
        norm = self.norm if x.ndim == 2 else Stacked(self.norm)
        said: list[tuple[str, ...]] = []

        def certified(point: Array) -> tuple[Array, Array]:
            v, certificate = norm.lmo(point, certificate=True)
            said[:] = certificate.solvers, certificate.fallbacks  # known without the values, so also while compiling
            return v, certificate.delta

        run, plain = place.compiled(certified), place.compiled(norm.lmo)

        def answer(result: Any) -> Answer:
            return Answer(result[0], result[1], ", ".join(said[0]), "; ".join(said[1]))

        return Prepared(lambda: run(x), answer, lambda: plain(x))
