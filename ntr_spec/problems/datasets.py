"""The named problems, on data that scikit-learn carries along: nothing is downloaded.

* digits: 1797 images of 8×8 pixels (Alpaydin and Kaynak 1998), scaled to [0, 1]; a fifth is held back.
* breast cancer: 569 tumours, 30 measurements each (Wolberg, Street and Mangasarian 1995), standardised; a fifth is held
  back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ntr_spec.errors import InputError
from ntr_spec.problems.classification import OneHiddenLayer
from ntr_spec.problems.completion import MatrixCompletion
from ntr_spec.problems.logistic import SparseLogistic
from ntr_spec.problems.problem import Samples
from ntr_spec.problems.softmax import SoftmaxRegression

Array = Any


def digits_softmax(weight: float = 1e-3, batch: int | None = None, seed: int = 0) -> SoftmaxRegression:
    """Softmax regression on the digits."""
    return SoftmaxRegression(*_digits(), weight=weight, batch=batch, seed=seed)


def digits_network(hidden: int = 32, batch: int | None = 128, seed: int = 0) -> OneHiddenLayer:
    """A network with one hidden layer on the digits, in mini-batches."""
    return OneHiddenLayer(*_digits(), hidden=hidden, batch=batch, seed=seed)


def breast_cancer(weight: float = 0.01, batch: int | None = None, seed: int = 0) -> SparseLogistic:
    """Sparse logistic regression on the breast-cancer set: which measurements tell a benign tumour?"""
    table = _load("load_breast_cancer")
    features = (table.data - table.data.mean(axis=0)) / table.data.std(axis=0)
    train, test = _split(features, 2.0 * table.target - 1.0)
    return SparseLogistic(train, test, weight=weight, batch=batch, seed=seed)


def digits_completion(images: int = 200, hidden: float = 0.5, radius: float | None = None) -> MatrixCompletion:
    """Images of digits, one a row, with a share of their pixels hidden; radius None means half of ‖A‖_nuclear."""
    every = _load("load_digits").data / 16.0
    if not 1 <= images <= len(every):
        raise InputError(f"digits_completion: expected from 1 to {len(every)} images, got {images}; choose fewer")
    if not 0 <= hidden <= 1:
        raise InputError(f"digits_completion: expected a share between 0 and 1 to hide, got {hidden}; 0.5 is half")
    matrix = every[:images]
    seen = (np.random.default_rng(0).random(matrix.shape) >= hidden).astype(float)
    bound = float(np.linalg.norm(matrix, "nuc")) / 2 if radius is None else radius
    return MatrixCompletion(matrix, seen, bound)


def _digits() -> tuple[Samples, Samples]:
    table = _load("load_digits")
    return _split(table.data / 16.0, np.eye(10)[table.target])


def _split(features: Array, targets: Array) -> tuple[Samples, Samples]:
    """Four fifths to learn from and a fifth held back, in an order drawn once and for all."""
    order = np.random.default_rng(0).permutation(len(features))
    kept, held = np.split(order, [4 * len(order) // 5])
    return Samples(features[kept], targets[kept]), Samples(features[held], targets[held])


def _load(name: str) -> Any:
    try:
        import sklearn.datasets
    except ImportError:
        raise InputError(
            "this problem's data come with scikit-learn, which is not installed; run pip install 'ntr-spec[problems]'"
        ) from None
    return getattr(sklearn.datasets, name)()
