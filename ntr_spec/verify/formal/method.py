"""The method that the theorems are about, as formal vectors read off the code that runs.

What :class:`ntr_spec.TrustRegion` does in an update is taken from :func:`ntr_spec.verify.equations.equations`. Its
update k forms m_k from m_{k−1} and the gradient at y_k, then x_{k+1}, then y_{k+1}, which is the new state's ``query``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, final

import sympy as sp

from ntr_spec.algorithms import TrustRegion
from ntr_spec.errors import UntraceableError
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.steps import Penalty, Zero
from ntr_spec.verify.algebra import CertificateError, is_zero
from ntr_spec.verify.equations import Equations, equations
from ntr_spec.verify.formal.vectors import ZERO, Vector
from ntr_spec.verify.formal.vocabulary import INDEX, Recursion, Vocabulary

Expr = Any


@final
class FormalMethod:
    """The sequences x, y, m of the method, g_k = ∇f(y_k) + n_k being its gradients; and the ball of its step.

    Args:
        vocabulary: where m and y are defined.
        numbers: the symbols for η, μ and β; without the latter two, the method has none.
        extrapolation: whether the method extrapolates.
        noisy: whether its gradients are noisy.
    """

    def __init__(
        self, vocabulary: Vocabulary, numbers: Mapping[str, Expr], extrapolation: bool = False, noisy: bool = True
    ) -> None:
        self._vocabulary = vocabulary
        self._numbers = {sp.Symbol(name): value for name, value in numbers.items()}
        self._noisy = noisy
        # Any norm, regularizer and numbers do: the equations are about all of them.
        kept, decay = 0.5 if "μ" in numbers else 0.0, 0.5 if "β" in numbers else 0.0
        composite = TrustRegion(LInf(), 0.5, kept, decay, extrapolation, Penalty(L1(), 1.0))
        try:
            found, plain = equations(composite), equations(dataclasses.replace(composite, regularizer=Zero()))
        except UntraceableError as error:
            raise CertificateError(f"FormalMethod: {error}") from error
        if found.start or any(line.name != "m₊" for line in found.first):
            raise CertificateError("FormalMethod: expected a momentum that starts at the first gradient, and only that")
        lines, first, others = (
            {line.name: line.expression for line in group} for group in (found.update, found.first, plain.update)
        )
        self._step, self._plain = self._argmin(lines["x₊"]), others["x₊"]
        self._define(found.queries, lines, first)
        lmo = vocabulary.image("lmo", vocabulary.point("m", INDEX))
        if self.plain_step(INDEX) != self.center(INDEX) + lmo * self.radius:
            raise CertificateError("FormalMethod: the step with R = 0 and the one with another R are about other balls")
        if others | {"x₊": lines["x₊"]} != lines or _once(plain) != _once(found):
            raise CertificateError("FormalMethod: what is done besides the step is not the same with R = 0")

    def _define(self, queries: tuple[Expr, Expr], lines: Mapping[str, Expr], first: Mapping[str, Expr]) -> None:
        """x, y and m: y_0 is where the first gradient is wanted, y_{k+1} where the next one is."""
        v = self._vocabulary
        start, query = queries[0], queries[1].subs(sp.Symbol("y₊"), lines.get("y₊", sp.nan))
        v.define(
            "y",
            Recursion(
                self._read(start, {"x": v.point("x", 0)}),
                lambda k: self._read(query, {"x": v.point("x", k), "x₊": v.point("x", k + 1)}),
            ),
        )
        v.define(
            "m",
            Recursion(
                self._read(first.get("m₊", lines["m₊"]), {"g": self.gradient(sp.S.Zero)}),
                lambda k: self._read(lines["m₊"], {"m": v.point("m", k), "g": self.gradient(k + 1)}),
            ),
        )

    def gradient(self, k: Expr) -> Vector:
        """g_k = ∇f(y_k) + n_k."""
        v = self._vocabulary
        exact = v.gradient(v.point("y", k))
        return exact + v.point("n", k) if self._noisy else exact

    def center(self, k: Expr) -> Vector:
        """c_k, the centre of the ball in which x_{k+1} lies."""
        return self._read(self._step[0], {"x": self._vocabulary.point("x", k)})

    def plain_step(self, k: Expr) -> Vector:
        """x_{k+1} where R = 0: what the code computes, lmo(m_k) being an image."""
        v, along = self._vocabulary, sp.Function("lmo")(sp.Symbol("m₊"))
        expression = self._plain.xreplace({along: sp.Symbol("lmo")})
        return self._read(expression, {"x": v.point("x", k), "lmo": v.image("lmo", v.point("m", k))})

    @property
    def radius(self) -> Expr:
        """The radius of that ball."""
        return self._step[1].xreplace(self._numbers)

    @staticmethod
    def _argmin(step: Expr) -> tuple[Expr, Expr]:
        """Centre and radius of argmin{⟨m₊, z⟩ + R(z) : ‖z − centre‖ ≤ radius}."""
        if str(step.func) != "argmin" or step.args[0] != sp.Symbol("m₊"):
            raise CertificateError(f"FormalMethod: expected a step along the momentum, got {step}")
        return step.args[1], step.args[2]

    def _read(self, expression: Expr, vectors: Mapping[str, Vector]) -> Vector:
        """A linear expression in symbols for points and numbers, as a vector."""
        flat = sp.expand(expression)
        total, rest = ZERO, flat
        for name, vector in vectors.items():
            symbol = sp.Symbol(name)
            coefficient = flat.coeff(symbol)
            total = total + coefficient.xreplace(self._numbers) * vector
            rest -= coefficient * symbol
        if not is_zero(rest):
            raise CertificateError(f"FormalMethod: {expression} is not a linear combination of {', '.join(vectors)}")
        return total


def _once(found: Equations) -> tuple[Any, ...]:
    """What is said of the first update and of where gradients are wanted."""
    return (*found.queries, *((line.name, line.expression) for line in found.once))
