"""``SoftmaxRegression``: its data, and its constants from them.

The Hessian's form at (W, b) in the direction U is mean ⟨Uãⱼ, (diag p − ppᵀ)Uãⱼ⟩ + weight‖U_W‖², with ã = (a, 1), and
the third derivative the mean of third central moments of Uãⱼ under p. Of a variable on an interval of length r, the
variance is at most r²/4 and the third central moment at most r³/(6√3), both by two-point distributions (for a fixed
mean each is linear in the distribution); here r ≤ √2‖Uã‖₂. So diag p − ppᵀ ⪯ ½I and |∇³| ≤ (√2/(3√3))‖Uã‖₂³, for
different arguments too, as the form is symmetric (Banach 1938). With W = 0 and b = (0, 0, −T, −T, …), T → ∞, every p
tends to (½, ½, 0, …), where U = (v, −v, 0, …) has the bound of the Hessian as its limit.

References: Böhning, *Multinomial logistic regression algorithm* (1992); Bishop, *Pattern Recognition and Machine
Learning*, 4.3.4.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace, dot, namespace_of
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.matrix import RMSOperator
from ntr_spec.norms.vector import L1, L2
from ntr_spec.problems import baseline
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.classification import check_classes, cross_entropy, root_mean_square, share_right
from ntr_spec.problems.known import Constant, Known, by_rho, like_x0
from ntr_spec.problems.newton import Minimum, minimum, span
from ntr_spec.problems.parts import flattened
from ntr_spec.problems.problem import Samples, check_sampling, to_host
from ntr_spec.trees import Tree, shapes

Array = Any

THIRD = math.sqrt(2) / (3 * math.sqrt(3))
"""The largest third central moment of z under any p, for ‖z‖₂ = 1."""


@final
@dataclasses.dataclass(frozen=True, eq=False)
class SoftmaxRegression(Known):
    """f(W, b) = mean over examples of −log softmax(Wa + b)_class + (weight/2)‖W‖₂². Convex.

    The minimiser is what Newton's method finds, where Kantorovich's theorem certifies that there is one (it does with a
    positive weight); ``infimum`` is then a lower bound, below f(x*) by less than rounding, and else 0.

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
        classes, inputs = check_classes("SoftmaxRegression", self.train, self.test)
        if self.x0 is None:
            x0 = {"W": _zeros(self.train, (classes, inputs)), "b": _zeros(self.train, (classes,))}
            object.__setattr__(self, "x0", x0)

    def _value_and_gradient(self, x: Tree, step: int | None, xp: Namespace) -> tuple[Array, Tree]:
        features, targets = self.train.drawn(self.batch, self.seed, step)
        loss, back = cross_entropy(features @ x["W"].T + x["b"], targets, xp)
        gradient = {"W": back.T @ features + self.weight * x["W"], "b": xp.sum(back, axis=0)}
        return loss + self.weight / 2 * dot(x["W"], x["W"]), gradient

    def _hessian_vector(self, x: Tree, v: Tree, xp: Namespace) -> Tree:
        features = self.train.features
        logits = features @ x["W"].T + x["b"]
        powers = xp.exp(logits - xp.max(logits, axis=1, keepdims=True))
        p = powers / xp.sum(powers, axis=1, keepdims=True)
        z = features @ v["W"].T + v["b"]
        back = p * (z - xp.sum(p * z, axis=1, keepdims=True)) / features.shape[0]
        return {"W": back.T @ features + self.weight * v["W"], "b": xp.sum(back, axis=0)}

    # ---- constants --------------------------------------------------------------------------------------------

    @functools.cached_property
    def _data(self) -> tuple[Array, Array, Array]:
        """Ã = (A, 1), the targets, and which columns of Ã the weight acts on."""
        A, targets = (np.asarray(to_host(a), dtype=np.float64) for a in self.train)
        return np.hstack([A, np.ones((len(A), 1))]), targets, np.append(np.ones(A.shape[1]), 0.0)

    def _smoothness(self, norm: Norm) -> Constant | None:
        A, targets, weighed = self._data
        G, penalty, many = A.T @ A / len(A), self.weight * weighed, targets.shape[1] > 1
        if isinstance(flattened(norm), L1):
            value = float(np.max(many * np.diagonal(G) / 4 + penalty))
            return Constant(
                value, True, "the largest ¼mean aᵢ² + weight, on the Hessian's diagonal, as p → (½, ½, 0, …)"
            )
        value = float(np.linalg.eigvalsh(many * G / 2 + np.diag(penalty))[-1])
        euclidean = Constant(value, True, "the largest eigenvalue of ½ÃᵀÃ/n + weight, as p → (½, ½, 0, …)")
        return euclidean if isinstance(flattened(norm), L2) else by_rho(norm, shapes(self.x0), euclidean, 2)

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        A, targets, _ = self._data
        if targets.shape[1] == 1:
            return Constant(0.0, True, "the Hessian is constant")
        value = THIRD * float(np.max(np.linalg.norm(A, axis=1)) * np.linalg.eigvalsh(A.T @ A / len(A))[-1])
        euclidean = Constant(value, False, "√2/(3√3)·max‖ãⱼ‖₂·the largest eigenvalue of ÃᵀÃ/n")
        return euclidean if isinstance(flattened(norm), L2) else by_rho(norm, shapes(self.x0), euclidean, 3)

    @property
    def _sigma(self) -> float | None:
        return 0.0 if self.batch is None else None

    # ---- minimiser --------------------------------------------------------------------------------------------

    @functools.cached_property
    def _minimum(self) -> Minimum | None:
        """In coordinates of x = QZVᵀ, which sums to 0 over the classes, rows in the examples' span: there x* lies."""
        A, targets, weighed = self._data
        classes = targets.shape[1]
        if classes == 1:
            return Minimum(np.zeros((1, A.shape[1])), 0.0)
        Q = np.linalg.qr(np.eye(classes, classes - 1) - 1 / classes)[0]
        if self.weight:
            V = np.zeros((A.shape[1], 1 + np.linalg.matrix_rank(A[:, :-1])))
            V[:-1, :-1], V[-1, -1] = span(A[:, :-1]), 1.0
        else:
            V = span(A)
        F, penalty = A @ V, self.weight * (V.T * weighed) @ V
        xp = namespace_of(F)

        def derivatives(z: Array) -> tuple[float, Array, Array]:
            Z = z.reshape(classes - 1, -1)
            logits = F @ Z.T @ Q.T
            value, back = cross_entropy(logits, targets, xp)
            p = back * len(F) + targets
            inner = np.einsum("ca,jc,cb->jab", Q, p, Q) - np.einsum("ja,jb->jab", p @ Q, p @ Q)
            blocks = [[(F * inner[:, a, b, None]).T @ F / len(F) for b in range(len(Z))] for a in range(len(Z))]
            hessian = np.block(blocks) + np.kron(np.eye(len(Z)), penalty)
            steep = Q.T @ back.T @ F + Z @ penalty
            return float(value + np.sum((Z @ penalty) * Z) / 2), steep.ravel(), hessian

        third = THIRD * float(np.mean(np.linalg.norm(F, axis=1) ** 3))
        found = minimum(derivatives, np.zeros((classes - 1) * V.shape[1]), third)
        return None if found is None else Minimum(Q @ found.x.reshape(classes - 1, -1) @ V.T, found.lower)

    @property
    def minimizer(self) -> Tree | None:
        """x* to machine precision, where it is known."""
        if self._minimum is None:
            return None
        return like_x0(self, {"W": self._minimum.x[:, :-1], "b": self._minimum.x[:, -1]})

    @property
    def infimum(self) -> float:
        """A lower bound for inf f: f(x*) to rounding where x* is known, else 0."""
        return 0.0 if self._minimum is None else max(0.0, self._minimum.lower)

    @property
    def star_convex(self) -> bool:
        """True: f is convex."""
        return True

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


def _zeros(samples: Samples, shape: tuple[int, ...]) -> Array:
    xp = namespace_of(samples.features)
    return xp.zeros(shape, dtype=samples.features.dtype, device=samples.features.device)
