"""Logistic regression with an ℓ₁ penalty: a composite problem whose solutions are sparse."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.problems import baseline
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.problem import Problem, Samples, check_sampling
from ntr_spec.steps import Penalty, Regularizer, Zero
from ntr_spec.steps import Product as Blocks
from ntr_spec.trees import Tree

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class SparseLogistic(Problem):
    """F(w, b) = mean over examples of log(1 + exp(−y(⟨a, w⟩ + b))) + weight·‖w‖₁. Convex; the intercept is free.

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
        # log(1 + e^−t) = max(−t, 0) + log(1 + e^−|t|), and its derivative −1/(1 + e^t), neither of which overflows.
        small = xp.exp(-xp.abs(margin))
        loss = xp.mean(xp.maximum(-margin, xp.zeros_like(margin)) + xp.log1p(small))
        doubt = xp.where(margin > 0, small, xp.ones_like(small)) / (1 + small)
        back = -signs * doubt / signs.shape[0]
        return loss, {"w": back @ features, "b": xp.reshape(xp.sum(back), (1,))}

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
