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
from ntr_spec.problems.scalars import Cosine, LogCosh, Wave, Welsch
from ntr_spec.problems.separable import Separable
from ntr_spec.problems.softmax import SoftmaxRegression


def catalogue() -> tuple[tuple[str, Known], ...]:
    """Names and instances, in the order of the documentation.

    >>> dict(catalogue())["quadratic"].infimum
    0.0
    """
    rng = np.random.default_rng(0)
    features, signs = rng.normal(size=(12, 3)), np.where(rng.random(12) < 0.5, -1.0, 1.0)
    examples = Samples(rng.normal(size=(9, 2)), np.eye(2)[rng.integers(2, size=9)])
    target, star = np.asarray([0.5, -1.0, 2.0]), np.asarray([1.0, 0.0, -0.5])
    return (
        ("quadratic", Quadratic()),
        ("matrix-regression", MatrixRegression(rng.normal(size=(5, 3)), rng.normal(size=(5, 2)))),
        ("logistic", logistic_regression(features, signs)),
        ("softmax", SoftmaxRegression(examples, examples, weight=0.1)),
        ("noisy-robust", Noisy(robust_regression(3, 8, Welsch(), outliers=0.25), Gaussian(2.0))),
        ("noisy-log-cosh", Noisy(Separable(LogCosh(), target, np.ones(3)), Sphere(0.5))),
        ("noisy-star-convex", Noisy(Separable(Cosine(), star, np.zeros(3), 0.5, 2.0), OneEntry(1.0))),
        ("noisy-waves", Noisy(Separable(Wave(), np.zeros((2, 2)), np.eye(2)), Rare(Signs(1.0), 0.25))),
    )
