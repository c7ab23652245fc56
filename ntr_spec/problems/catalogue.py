"""A few small instances of every problem with known constants: what is verified when nothing else is named."""

from __future__ import annotations

import numpy as np

from ntr_spec.problems.known import Known
from ntr_spec.problems.linear_model import logistic_regression, robust_regression
from ntr_spec.problems.matrix_regression import MatrixRegression
from ntr_spec.problems.noise import Gaussian, OneEntry, Rare, Signs, Sphere
from ntr_spec.problems.noisy import Noisy
from ntr_spec.problems.problem import Samples
from ntr_spec.problems.quadratic import Quadratic
from ntr_spec.problems.scalars import Cauchy, Cosine, LogCosh, Square, Wave, Welsch
from ntr_spec.problems.separable import Separable
from ntr_spec.problems.softmax import SoftmaxRegression


def catalogue() -> tuple[tuple[str, Known], ...]:
    """Names and instances, in the order of the documentation.

    >>> dict(catalogue())["quadratic"].infimum
    0.0
    """
    rng = np.random.default_rng(0)
    features, signs = rng.normal(size=(12, 3)), np.where(rng.random(12) < 0.5, -1.0, 1.0)
    examples = Samples(rng.normal(size=(9, 2)), np.eye(3)[rng.integers(3, size=9)])
    A = np.asarray([[4.0, -1.0, 0.0], [-1.0, 2.0, 1.0], [0.0, 1.0, 1.0]])
    blocks = {"W": np.zeros((2, 2)), "b": np.zeros(2)}
    star = Separable(Cosine(), np.asarray([0.5, -1.0, 2.0]), np.zeros(3), height=0.5, width=2.0)
    return (
        ("quadratic", Quadratic()),
        ("matrix-regression", MatrixRegression(rng.normal(size=(5, 3)), rng.normal(size=(5, 2)))),
        ("logistic", logistic_regression(features, signs)),
        ("softmax", SoftmaxRegression(examples, examples, weight=0.1)),
        ("robust", robust_regression(3, 8, Welsch(), outliers=0.25)),
        ("log-cosh", Separable(LogCosh(), blocks, {"W": np.eye(2), "b": np.ones(2)})),
        ("waves", Separable(Wave(), np.zeros((2, 3)), np.ones((2, 3)))),
        ("noisy-quadratic", Noisy(Quadratic(A, np.ones(3), np.zeros(3)), Sphere(0.5))),
        ("noisy-robust", Noisy(robust_regression(3, 8, Cauchy()), Gaussian(2.0))),
        ("noisy-star-convex", Noisy(star, OneEntry(1.0))),
        ("noisy-rare", Noisy(Separable(Square(), np.ones((2, 2)), np.eye(2)), Rare(Signs(1.0), 0.25))),
    )
