"""Logistic regression with an ℓ₁ penalty: a composite problem whose solutions are sparse."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.problems import baseline
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.forms import largest_value
from ntr_spec.problems.known import Constant, Known
from ntr_spec.problems.problem import Samples, check_sampling, to_host
from ntr_spec.problems.scalars import Softplus
from ntr_spec.steps import Penalty, Regularizer, Zero
from ntr_spec.steps import Product as Blocks
from ntr_spec.trees import Tree, shapes

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class SparseLogistic(Known):
    """F(w, b) = mean over examples of log(1 + exp(−y(⟨a, w⟩ + b))) + weight·‖w‖₁. Convex; the intercept is free.

    L and H are those of f, the mean: as for :class:`ntr_spec.problems.LinearModel`, with a column of ones for b. No
    minimiser is known; ``infimum`` is the lower bound 0.

    Args:
        train: the examples of f; targets are signs.
        test: examples held back for the accuracy.
        weight: λ ≥ 0.
        batch: examples in a mini-batch; None: all.
        seed: of the mini-batches.
        x0: {"w": d, "b": 1}; zeros by default.

    Raises:
        InputError: features and targets do not match, or a number is out of range.

    >>> import numpy as np
    >>> examples = Samples(np.asarray([[1.0], [-1.0]]), np.asarray([1.0, -1.0]))
    >>> problem = SparseLogistic(examples, examples, weight=0.5)
    >>> problem.objective({"w": np.asarray([2.0]), "b": np.asarray([0.0])}).__round__(4), problem.regularizer
    (1.1269, Product({'w': Penalty(norm=L1(), weight=0.5), 'b': Zero()}))
    """

    arrays: ClassVar[tuple[str, ...]] = ("train", "test", "x0")

    train: Samples
    test: Samples
    weight: float = 0.01
    batch: int | None = None
    seed: int = 0
    x0: Tree = None

    def __post_init__(self) -> None:
        for name in ("train", "test"):
            features, targets = getattr(self, name)
            if features.ndim != 2 or tuple(targets.shape) != tuple(features.shape[:1]):
                got = f"{tuple(features.shape)} and {tuple(targets.shape)}"
                raise InputError(f"SparseLogistic: expected {name} features n×d and n signs, got {got}")
            if not np.all(np.abs(to_host(targets)) == 1):
                raise InputError(f"SparseLogistic: expected {name} targets 1 or −1, got others; pass signs")
        check_sampling("SparseLogistic", self.batch, self.weight)
        if self.x0 is None:
            features = self.train.features
            xp = namespace_of(features)
            sizes = {"w": features.shape[1], "b": 1}
            x0 = {name: xp.zeros(size, dtype=features.dtype, device=features.device) for name, size in sizes.items()}
            object.__setattr__(self, "x0", x0)

    def _value_and_gradient(self, x: Tree, step: int | None, xp: Namespace) -> tuple[Array, Tree]:
        features, signs = self.train.drawn(self.batch, self.seed, step)
        margin = signs * (features @ x["w"] + x["b"])
        back = signs * Softplus().slope(margin, xp) / signs.shape[0]
        return xp.mean(Softplus().value(margin, xp)), {"w": back @ features, "b": xp.reshape(xp.sum(back), (1,))}

    def _hessian_vector(self, x: Tree, v: Tree, xp: Namespace) -> Tree:
        features, signs = self.train
        margin = signs * (features @ x["w"] + x["b"])
        back = Softplus().bend(margin, xp) * (features @ v["w"] + v["b"]) / signs.shape[0]
        return {"w": back @ features, "b": xp.reshape(xp.sum(back), (1,))}

    @functools.cached_property
    def _data(self) -> Array:
        """(1, A): the order of the leaves is that of their names."""
        A = np.asarray(to_host(self.train.features), dtype=np.float64)
        return np.hstack([np.ones((len(A), 1)), A])

    def _smoothness(self, norm: Norm) -> Constant | None:
        A = self._data
        return largest_value(A.T @ A / (4 * len(A)), norm, shapes(self.x0))

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        A = self._data
        form = largest_value(A.T @ A / len(A), norm, shapes(self.x0))
        if form is None:
            return None
        longest = max(float(norm.dual({"b": a[:1], "w": a[1:]})) for a in A)
        return Constant(Softplus.third * longest * form.value, False, "sup|φ‴|·max‖aⱼ‖_*·sup{⟨u, Su⟩ : ‖u‖ ≤ 1}")

    @property
    def _sigma(self) -> float | None:
        return 0.0 if self.batch is None else None

    @property
    def minimizer(self) -> None:
        """Not known."""
        return None

    @property
    def infimum(self) -> float:
        """0, a lower bound."""
        return 0.0

    @property
    def star_convex(self) -> bool:
        """True: f is convex."""
        return True

    def _metrics(self, x: Tree, xp: Namespace) -> dict[str, float]:
        def accuracy(samples: Samples) -> float:
            margin = samples.targets * (samples.features @ x["w"] + x["b"])
            return float(xp.mean(xp.astype(margin > 0, margin.dtype)))

        chosen = float(xp.sum(xp.astype(x["w"] != 0, x["w"].dtype)))
        return {"nonzeros": chosen, "train accuracy": accuracy(self.train), "test accuracy": accuracy(self.test)}

    def _baseline(self, steps: int) -> Baseline:
        return baseline.sparse_logistic(*self.train, self.weight)

    @property
    def norm(self) -> Norm:
        """ℓ∞, whose step has a closed form with the ℓ₁ penalty."""
        return Product({"w": LInf(), "b": LInf()})

    @property
    def regularizer(self) -> Regularizer:
        """weight·‖w‖₁."""
        return Blocks({"w": Penalty(L1(), self.weight) if self.weight else Zero(), "b": Zero()})
