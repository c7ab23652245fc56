"""The problems that have a name: a table from the name to what makes the problem, given a seed."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from ntr_spec.errors import InputError
from ntr_spec.problems.datasets import breast_cancer, digits_completion, digits_network, digits_softmax
from ntr_spec.problems.linear_model import robust_regression
from ntr_spec.problems.matrix_regression import matrix_regression
from ntr_spec.problems.plane import Rosenbrock
from ntr_spec.problems.problem import Problem
from ntr_spec.problems.quadratic import Quadratic
from ntr_spec.problems.scalars import Cosine
from ntr_spec.problems.separable import separable

NAMED: dict[str, Callable[[int], Problem]] = {
    "digits-softmax": lambda seed: digits_softmax(seed=seed),
    "digits-network": lambda seed: digits_network(seed=seed),
    "digits-completion": lambda seed: digits_completion(),
    "breast-cancer": lambda seed: breast_cancer(seed=seed),
    "quadratic": lambda seed: Quadratic(),
    "rosenbrock": lambda seed: Rosenbrock(),
    "star-convex": lambda seed: separable(Cosine(), (8, 6), spread=3.0, seed=seed),
    "robust-regression": lambda seed: robust_regression(10, 40, seed=seed),
    "matrix-regression": lambda seed: matrix_regression(10, 6, seed=seed),
}


def named(name: str, seed: int = 0) -> Problem:
    """The problem of this name.

    Raises:
        InputError: there is none, or its data are scikit-learn's, which is not installed.

    >>> named("rosenbrock").objective(named("rosenbrock").x0).__round__(6)
    24.2
    """
    if name not in NAMED:
        close = get_close_matches(name, NAMED, 2, 0.4)
        hint = f"did you mean {' or '.join(close)}?" if close else f"choose one of {', '.join(NAMED)}"
        raise InputError(f"{name}: there is no problem of this name; {hint}")
    return NAMED[name](seed)
