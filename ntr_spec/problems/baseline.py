"""What others reach on the same problems: scikit-learn's own solvers, and accelerated projected gradient.

Nothing of this package's method is used here, so a comparison compares two programs.
"""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np

from ntr_spec.errors import InputError

Array = Any


@dataclasses.dataclass(frozen=True)
class Baseline:
    """Where another solver ends.

    Attributes:
        solver: its name.
        x: the point that it found, in float64 NumPy arrays.
        optimal: whether that is the least value but for rounding, so that nothing can fall below it.
    """

    solver: str
    x: Any
    optimal: bool


def softmax_regression(features: Array, targets: Array, weight: float) -> Baseline:
    """scikit-learn's LogisticRegression, to a gradient of 1e-8."""
    linear_model = _sklearn("linear_model")
    strength = 1 / (len(features) * weight) if weight else np.inf
    fitted = linear_model.LogisticRegression(C=strength, tol=1e-8, max_iter=100_000)
    fitted.fit(features, targets.argmax(axis=1))
    return Baseline("scikit-learn LogisticRegression (lbfgs)", {"W": fitted.coef_, "b": fitted.intercept_}, True)


def sparse_logistic(features: Array, signs: Array, weight: float) -> Baseline:
    """scikit-learn's LogisticRegression with an ℓ₁ penalty, by SAGA to a change of 1e-8."""
    linear_model = _sklearn("linear_model")
    strength = 1 / (len(features) * weight) if weight else np.inf
    fitted = linear_model.LogisticRegression(
        C=strength, l1_ratio=1.0, solver="saga", tol=1e-8, max_iter=100_000, random_state=0
    )
    fitted.fit(features, signs)
    return Baseline("scikit-learn LogisticRegression (saga)", {"w": fitted.coef_[0], "b": fitted.intercept_}, True)


def one_hidden_layer(features: Array, targets: Array, hidden: int, batch: int, steps: int, seed: int) -> Baseline:
    """scikit-learn's MLPClassifier, the same network trained by Adam in about so many steps."""
    neural_network = _sklearn("neural_network")
    epochs = max(1, round(steps * batch / len(features)))
    fitted = neural_network.MLPClassifier(
        (hidden,),
        activation="tanh",
        alpha=0.0,
        batch_size=min(batch, len(features)),
        max_iter=epochs,
        n_iter_no_change=epochs,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it would go on: the steps are what is compared
        fitted.fit(features, targets.argmax(axis=1))
    (first, second), (b1, b2) = fitted.coefs_, fitted.intercepts_
    x = {"W1": first.T.copy(), "b1": b1, "W2": second.T.copy(), "b2": b2}
    return Baseline(f"scikit-learn MLPClassifier (adam, {epochs} epochs)", x, False)


def matrix_completion(matrix: Array, seen: Array, radius: float, steps: int) -> Baseline:
    """Projected gradient, accelerated (Beck and Teboulle 2009), with restarts (O'Donoghue and Candès 2015)."""
    x = ahead = np.zeros_like(matrix)
    momentum = 1.0
    for _ in range(steps):
        # The gradient of ½‖seen∘(X − A)‖² is 1-Lipschitz.
        new = project_nuclear(ahead - seen * (ahead - matrix), radius)
        if np.vdot(ahead - new, new - x) > 0:
            momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = new + (momentum - 1) / following * (new - x)
        x, momentum = new, following
    return Baseline(f"accelerated projected gradient ({steps} steps)", x, False)


def project_nuclear(x: Array, radius: float) -> Array:
    """The nearest matrix with ‖·‖_nuclear ≤ radius: singular values projected on a simplex (Duchi et al. 2008)."""
    u, values, vh = np.linalg.svd(x, full_matrices=False)
    if values.sum() <= radius:
        return x
    excess = (np.cumsum(values) - radius) / np.arange(1, len(values) + 1)
    cut = excess[np.flatnonzero(values > excess)[-1]]
    return (u * np.maximum(values - cut, 0.0)) @ vh


def _sklearn(part: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"sklearn.{part}")
    except ImportError:
        raise InputError(
            "the baseline is scikit-learn's, which is not installed; run pip install 'ntr-spec[problems]'"
        ) from None
