"""Classification with many classes: what its problems share, and a network with one hidden layer.

A matrix is out×in, so that layer-wise norms read it as torch and the literature do. Gradients are written by hand
(Goodfellow, Bengio and Courville, *Deep Learning*, 6.5).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.matrix import RMSOperator
from ntr_spec.norms.transforms import Scaled
from ntr_spec.norms.vector import L2
from ntr_spec.problems import baseline
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.problem import Problem, Samples, check_sampling
from ntr_spec.trees import Tree

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class OneHiddenLayer(Problem):
    """f = mean over examples of −log softmax(W₂ tanh(W₁a + b₁) + b₂)_class. Smooth, not convex.

    Args:
        train, test, batch: as for :class:`ntr_spec.problems.SoftmaxRegression`.
        hidden: units of the hidden layer.
        seed: of the starting point and of the mini-batches.
        x0: {"W1": h×d, "b1": h, "W2": k×h, "b2": k}; by default biases are zero and a weight has variance 1/fan-in.

    Raises:
        InputError: features and targets do not match, or a number is out of range.
    """

    arrays: ClassVar[tuple[str, ...]] = ("train", "test", "x0")

    train: Samples
    test: Samples
    hidden: int = 32
    batch: int | None = None
    seed: int = 0
    x0: Tree = None

    def __post_init__(self) -> None:
        check_sampling("OneHiddenLayer", self.batch)
        classes, inputs = check_classes("OneHiddenLayer", self.train, self.test)
        if self.hidden < 1:
            raise InputError(f"OneHiddenLayer: expected at least 1 hidden unit, got {self.hidden}; pass more")
        if self.x0 is None:
            rng = np.random.default_rng(self.seed)
            W1 = rng.normal(size=(self.hidden, inputs)) / math.sqrt(inputs)
            W2 = rng.normal(size=(classes, self.hidden)) / math.sqrt(self.hidden)
            x0 = {"W1": W1, "b1": np.zeros(self.hidden), "W2": W2, "b2": np.zeros(classes)}
            like = namespace_of(self.train.features)
            dtype, device = self.train.features.dtype, self.train.features.device
            object.__setattr__(self, "x0", {k: like.asarray(v, dtype=dtype, device=device) for k, v in x0.items()})

    def _value_and_gradient(self, x: Tree, step: int | None, xp: Namespace) -> tuple[Array, Tree]:
        features, targets = self.train.drawn(self.batch, self.seed, step)
        inner = xp.tanh(features @ x["W1"].T + x["b1"])
        loss, back = cross_entropy(inner @ x["W2"].T + x["b2"], targets, xp)
        deeper = (back @ x["W2"]) * (1 - inner * inner)
        gradient = {
            "W1": deeper.T @ features,
            "b1": xp.sum(deeper, axis=0),
            "W2": back.T @ inner,
            "b2": xp.sum(back, axis=0),
        }
        return loss, gradient

    def _metrics(self, x: Tree, xp: Namespace) -> dict[str, float]:
        def accuracy(samples: Samples) -> float:
            inner = xp.tanh(samples.features @ x["W1"].T + x["b1"])
            return share_right(inner @ x["W2"].T + x["b2"], samples.targets, xp)

        return {"train accuracy": accuracy(self.train), "test accuracy": accuracy(self.test)}

    def _baseline(self, steps: int) -> Baseline:
        batch = len(self.train.features) if self.batch is None else self.batch
        return baseline.one_hidden_layer(*self.train, self.hidden, batch, steps, self.seed)

    @property
    def norm(self) -> Norm:
        """For matrices the RMS→RMS operator norm, for biases the root mean square: a norm for every layer."""
        biases = {name: root_mean_square(self.x0[name].shape[0]) for name in ("b1", "b2")}
        return Product({"W1": RMSOperator(), "W2": RMSOperator(), **biases})


def cross_entropy(logits: Array, targets: Array, xp: Namespace) -> tuple[Array, Array]:
    """mean of −⟨target, log softmax(logits)⟩ over rows, and its gradient in the logits."""
    shifted = logits - xp.max(logits, axis=1, keepdims=True)
    powers = xp.exp(shifted)
    total = xp.sum(powers, axis=1, keepdims=True)
    count = logits.shape[0]
    loss = (xp.sum(xp.log(total)) - xp.sum(targets * shifted)) / count
    return loss, (powers / total - targets) / count


def share_right(logits: Array, targets: Array, xp: Namespace) -> float:
    """The share of rows whose largest logit is the target's."""
    right = xp.argmax(logits, axis=1) == xp.argmax(targets, axis=1)
    return float(xp.mean(xp.astype(right, logits.dtype)))


def root_mean_square(size: int) -> Norm:
    """‖x‖₂/√size."""
    return Scaled(L2(), 1 / math.sqrt(size))


def check_classes(subject: str, train: Samples, test: Samples) -> tuple[int, int]:
    """(classes, inputs), once the examples are known to fit together."""
    for name, samples in (("train", train), ("test", test)):
        sizes = tuple(samples.features.shape), tuple(samples.targets.shape)
        if not (len(sizes[0]) == len(sizes[1]) == 2 and sizes[0][0] == sizes[1][0] > 0):
            raise InputError(f"{subject}: expected {name} features n×d and targets n×k, got {sizes[0]} and {sizes[1]}")
    return train.targets.shape[1], train.features.shape[1]
