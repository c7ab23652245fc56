"""An independent reading of proofs about the method: every fact of a derivation, evaluated on runs of the code itself.

A world is a concrete objective, a norm, and noise that is one of two vectors of opposite sign at every step, so that
expectations are averages over all runs. What a formal symbol is worth is computed from the run, and a proof is sound
there only if no fact in it fails, hypotheses of assumptions included.
"""

import functools
import itertools

import numpy as np
import sympy as sp

import ntr_spec as ntr
from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.structures import Inner, Integral, Kind, Mean, Norm, Number, Value
from ntr_spec.verify.formal.vectors import HessianProduct, Image, Point
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Sign

A = np.array([0.5, 1.0, 2.0])
B = np.array([0.3, -0.2, 0.1])
START = np.array([0.8, -0.6, 0.4])
SPOT = np.array([0.9, -0.4, 0.6])
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
THIRD = 3 * 0.5 / 1.25**2.5  # the largest third derivative of √(1 + x²)


class Lazy(ntr.Norm):
    """ℓ₂ with an LMO that goes four fifths of the way: exact up to δ = 1/5."""

    def _value(self, x, xp):
        return ntr.L2()._value(x, xp)

    def _lmo(self, g, xp):
        return ntr.L2()._lmo(g, xp) * 0.8

    @property
    def dual(self):
        return ntr.L2()


class World:
    """f(x) = Σ aᵢ√(1 + (xᵢ − bᵢ)²), convex with minimizer b, and R = λ‖·‖₁ or 0; runs of K steps from x₀."""

    def __init__(
        self, norm, *, alpha, beta=0.0, eta=0.05, sigma=0.3, weight=0.0, extrapolation=False, steps=3, delta=0.0
    ):
        self.norm, self.alpha, self.beta, self.eta, self.steps = norm, alpha, beta, eta, steps
        self.regularizer = ntr.Penalty(ntr.L1(), weight) if weight else ntr.Zero()
        self.extrapolation, self.sigma = extrapolation, sigma
        self.spot = sigma * SPOT / np.linalg.norm(SPOT)
        largest = A.sum() if norm == ntr.LInf() else A.max()
        size = max(float(norm(START)), float(norm(B)))
        values = {
            "L": largest,
            "H": largest * THIRD,
            "rho": ntr.LInf().rho(3) if norm == ntr.LInf() else 1.0,
            "sigma": sigma,
            "sigma_dual": float(norm.dual(self.spot)),
        }
        # ‖v‖_κ = ρ‖v‖₂ ≥ ‖v‖_*, with κ such that ρ‖n‖₂ ≤ κ‖n‖_*: the dual norm of ℓ_∞, ℓ₁, is not smooth itself.
        values |= {
            "kappa": values["rho"],
            "eta": eta,
            "alpha": alpha,
            "beta": beta or 1.0,
            "delta": delta,
            "D": size,
            "K": steps,
        }
        values["delta0"] = self.objective(START) - self.objective(B) + (0.5 if weight else 0.0)
        self.rho = values["rho"]
        self.constants = {getattr(SYMBOLS, name): float(value) for name, value in values.items()}

    def paths(self):
        return list(itertools.product((1, -1), repeat=self.steps + 1)) if self.sigma else [(1,) * (self.steps + 1)]

    def objective(self, x):
        return float((A * np.sqrt(1 + (x - B) ** 2)).sum()) + float(self.regularizer(x))

    @functools.cache  # noqa: B019
    def run(self, path):
        """The sequences of one run, made by the method's own update; M and S by their definitions."""
        method = ntr.TrustRegion(
            self.norm,
            radius=self.eta,
            momentum=1.0 - self.alpha,
            decay=self.beta,
            extrapolation=self.extrapolation,
            regularizer=self.regularizer,
        )
        state = method.init(START)
        seen = {name: [] for name in "xsnmyMS"}
        for k in range(self.steps + 1):
            noise = path[k] * self.spot
            x, y = state.x, state.query
            known = {"x": x, "y": y, "n": noise, "s": self._subgradient(seen, x, k)}
            state = method.update(state, gradient(y) + noise)
            known["m"] = state.momentum
            a = self.alpha
            known["M"] = (1 - a) * seen["M"][-1] + a * noise if k else 0 * x
            turn = a * gradient(y) - gradient(x)
            known["S"] = (1 - a) * (seen["S"][-1] + gradient(seen["x"][-1])) + turn if k else 0 * x
            for name, value in known.items():
                seen[name].append(value)
        return seen

    def _subgradient(self, seen, x, k):
        """s_k ∈ ∂R(x_k), from the certificate of the step that led to x_k."""
        if k == 0 or isinstance(self.regularizer, ntr.Zero):
            return 0 * x
        center = (1 - self.beta) * seen["x"][-1]
        step = ntr.trust_region_step(self.norm, seen["m"][-1], center, self.eta, regularizer=self.regularizer)
        assert np.allclose(step.point, x)
        return step.subgradient

    # ---- what structures are worth ----------------------------------------------------------------------------

    def number(self, expression, k, path, t):
        return float(sp.sympify(expression).xreplace({INDEX: sp.Integer(k)}).xreplace(self._values(t)))

    def _values(self, t):
        return {**self.constants, SYMBOLS.t: t}

    def vector(self, v, k, path, t):
        total = np.zeros(3)
        for c, part in v.terms:
            total = total + self.number(c, k, path, t) * self.point(part, k, path, t)
        return total

    def point(self, part, k, path, t=0.0):
        if isinstance(part, Point):
            if part.index is None:
                return B if part.name == "x*" else np.array([1.0, -2.0, 3.0])
            return self.run(path)[part.name][int(self.number(part.index, k, path, t))]
        if isinstance(part, HessianProduct):
            at, along = self.vector(part.at, k, path, t), self.point(part.along, k, path, t)
            return A * (1 + (at - B) ** 2) ** -1.5 * along
        assert isinstance(part, Image)
        of = self.vector(part.of, k, path, t)
        if part.function == "G":  # the gradient of ‖·‖_κ²
            return 2 * self.rho**2 * of
        return gradient(of) if part.function == "∇f" else self.norm.lmo(of)

    def worth(self, vocabulary, symbol, k, path, t=0.0):
        """What a symbol is worth in one run at one k."""
        if symbol in self.constants:
            return self.constants[symbol]
        if symbol == INDEX:
            return float(k)
        if symbol == SYMBOLS.t:
            return t
        structure = vocabulary.meaning[symbol]
        if isinstance(structure, Norm):
            v = self.vector(structure.of, k, path, t)
            sizes = {Kind.PRIMAL: self.norm, Kind.DUAL: self.norm.dual, Kind.EUCLIDEAN: np.linalg.norm}
            sizes[Kind.SMOOTH] = lambda v: self.rho * np.linalg.norm(v)
            return float(sizes[structure.kind](v))
        if isinstance(structure, Inner):
            return float(self.point(structure.left, k, path, t) @ self.point(structure.right, k, path, t))
        if isinstance(structure, Value):
            x = self.vector(structure.at, k, path, t)
            return (
                float(self.regularizer(x))
                if structure.function == "R"
                else self.objective(x) - float(self.regularizer(x))
            )
        if isinstance(structure, Number):
            seen = self.run(path)
            upto = range(1, max(int(self.number(structure.index, k, path, t)), 1) + 1)
            return min(float(self.norm.dual(gradient(seen["x"][j]) + seen["s"][j])) for j in upto)
        if isinstance(structure, Mean):
            return float(np.mean([self.value(vocabulary, structure.of, k, other, t) for other in self.paths()]))
        assert isinstance(structure, Integral)
        points = [self.value(vocabulary, structure.of, k, path, (1 + node) / 2) for node in NODES]
        return float(WEIGHTS @ np.array(points) / 2)

    def value(self, vocabulary, expression, k, path, t=0.0):
        symbols = sorted(expression.free_symbols, key=str)
        return float(_function(expression, tuple(symbols))(*(self.worth(vocabulary, s, k, path, t) for s in symbols)))

    def check(self, fact):
        """Every fact of the derivation, at every k and t, in every run; the number of facts evaluated."""
        facts = {}
        pending = [fact]
        while pending:
            one = pending.pop()
            if id(one) not in facts:
                facts[id(one)] = one
                pending += [part for _, part in one.parts]
        for one in {(f.gap, f.sign): f for f in facts.values()}.values():
            mean_only = all(isinstance(fact.vocabulary.meaning.get(s), Mean | None) for s in one.gap.free_symbols)
            for k in range(self.steps):
                for path in self.paths()[:1] if mean_only else self.paths():
                    for t in (0.0, 0.7):
                        worth = self.value(fact.vocabulary, one.gap, k, path, t)
                        good = abs(worth) < 1e-9 if one.sign is Sign.ZERO else worth > -1e-9
                        assert good, f"{one!r} is worth {worth} at k = {k} in run {path}"
        return len(facts)


@functools.cache
def _function(expression, symbols):
    names = [sp.Dummy() for _ in symbols]
    return sp.lambdify(names, expression.xreplace(dict(zip(symbols, names, strict=True))), "math")


def gradient(x):
    """∇f."""
    return A * (x - B) / np.sqrt(1 + (x - B) ** 2)
