"""Objectives to run methods on, each with a gradient written by hand, on NumPy, torch, JAX and CuPy arrays alike.

A :class:`Known` problem also knows its constants L, H, ρ, σ, Δ₀, D and its minimiser, in norms where they are known.
"""

from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.classification import OneHiddenLayer
from ntr_spec.problems.completion import MatrixCompletion
from ntr_spec.problems.datasets import breast_cancer, digits_completion, digits_network, digits_softmax
from ntr_spec.problems.known import Constant, Known
from ntr_spec.problems.linear_model import LinearModel, logistic_regression, robust_regression
from ntr_spec.problems.logistic import SparseLogistic
from ntr_spec.problems.matrix_regression import MatrixRegression, matrix_regression
from ntr_spec.problems.named import NAMED, named
from ntr_spec.problems.noise import Gaussian, Noise, OneEntry, Rare, Signs, Sphere
from ntr_spec.problems.noisy import Noisy
from ntr_spec.problems.plane import Rosenbrock
from ntr_spec.problems.problem import Problem, Samples
from ntr_spec.problems.quadratic import Quadratic, quadratic
from ntr_spec.problems.scalars import Cauchy, Cosine, LogCosh, Scalar, Softplus, Square, Wave, Welsch
from ntr_spec.problems.separable import Separable, separable
from ntr_spec.problems.softmax import SoftmaxRegression

__all__ = [
    "NAMED",
    "Baseline",
    "Cauchy",
    "Constant",
    "Cosine",
    "Gaussian",
    "Known",
    "LinearModel",
    "LogCosh",
    "MatrixCompletion",
    "MatrixRegression",
    "Noise",
    "Noisy",
    "OneEntry",
    "OneHiddenLayer",
    "Problem",
    "Quadratic",
    "Rare",
    "Rosenbrock",
    "Samples",
    "Scalar",
    "Separable",
    "Signs",
    "SoftmaxRegression",
    "Softplus",
    "SparseLogistic",
    "Sphere",
    "Square",
    "Wave",
    "Welsch",
    "breast_cancer",
    "digits_completion",
    "digits_network",
    "digits_softmax",
    "logistic_regression",
    "matrix_regression",
    "named",
    "quadratic",
    "robust_regression",
    "separable",
]
