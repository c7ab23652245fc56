"""Classification with many classes: softmax regression, and a network with one hidden layer.

A matrix is out×in, so that layer-wise norms read it as torch and the literature do. Gradients are written by hand
(Goodfellow, Bengio and Courville, *Deep Learning*, 6.5).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace, dot, namespace_of
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
class SoftmaxRegression(Problem):
    """f(W, b) = mean over examples of −log softmax(Wa + b)_class + (weight/2)‖W‖₂². Convex.

    Args:
        train: the examples of f; targets are one-hot rows.
        test: examples held back for the accuracy.
        weight: of the squared norm of W, at least 0.
        batch: examples in a mini-batch; None: all.
        seed: of the mini-batches.
        x0: {"W": k×d, "b": k}; zeros by default.

    Raises:
        InputError: features and targets do not match, or a number is out of range.

    >>> import numpy as np
    >>> examples = Samples(np.asarray([[1.0], [-1.0]]), np.asarray([[1.0, 0.0], [0.0, 1.0]]))
    >>> problem = SoftmaxRegression(examples, examples)
    >>> value, gradient = problem.value_and_gradient(problem.x0)
    >>> round(float(value), 4), gradient["W"].tolist()
    (0.6931, [[-0.5], [0.5]])
    """

    arrays: ClassVar[tuple[str, ...]] = ("train", "test", "x0")

    train: Samples
    test: Samples
    weight: float = 0.0
    batch: int | None = None
    seed: int = 0
    x0: Tree = None

    def __post_init__(self) -> None:
        check_sampling("SoftmaxRegression", self.batch, self.weight)
        classes, inputs = _check("SoftmaxRegression", self)
        if self.x0 is None:
            x0 = {"W": _zeros(self.train, (classes, inputs)), "b": _zeros(self.train, (classes,))}
            object.__setattr__(self, "x0", x0)

    def _value_and_gradient(self, x: Tree, step: int | None, xp: Namespace) -> tuple[Array, Tree]:
        features, targets = self.train.drawn(self.batch, self.seed, step)
        loss, back = cross_entropy(features @ x["W"].T + x["b"], targets, xp)
        gradient = {"W": back.T @ features + self.weight * x["W"], "b": xp.sum(back, axis=0)}
        return loss + self.weight / 2 * dot(x["W"], x["W"]), gradient

    def _metrics(self, x: Tree, xp: Namespace) -> dict[str, float]:
        def accuracy(samples: Samples) -> float:
            return share_right(samples.features @ x["W"].T + x["b"], samples.targets, xp)

        return {"train accuracy": accuracy(self.train), "test accuracy": accuracy(self.test)}

    def _baseline(self, steps: int) -> Baseline:
        return baseline.softmax_regression(*self.train, self.weight)

    @property
    def norm(self) -> Norm:
        """For W the RMS→RMS operator norm, for b the root mean square."""
        return Product({"W": RMSOperator(), "b": root_mean_square(self.x0["b"].shape[0])})


@final
@dataclasses.dataclass(frozen=True, eq=False)
class OneHiddenLayer(Problem):
    """f = mean over examples of −log softmax(W₂ tanh(W₁a + b₁) + b₂)_class. Smooth, not convex.

    Args:
        train, test, batch: as for :class:`SoftmaxRegression`.
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
        classes, inputs = _check("OneHiddenLayer", self)
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


def _check(subject: str, problem: SoftmaxRegression | OneHiddenLayer) -> tuple[int, int]:
    """(classes, inputs), once the examples are known to fit together."""
    for name in ("train", "test"):
        samples = getattr(problem, name)
        sizes = tuple(samples.features.shape), tuple(samples.targets.shape)
        if not (len(sizes[0]) == len(sizes[1]) == 2 and sizes[0][0] == sizes[1][0] > 0):
            raise InputError(f"{subject}: expected {name} features n×d and targets n×k, got {sizes[0]} and {sizes[1]}")
    return problem.train.targets.shape[1], problem.train.features.shape[1]


def _zeros(samples: Samples, shape: tuple[int, ...]) -> Array:
    xp = namespace_of(samples.features)
    return xp.zeros(shape, dtype=samples.features.dtype, device=samples.features.device)
