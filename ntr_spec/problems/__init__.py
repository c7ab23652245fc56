"""Objectives to run methods on, each with a gradient written by hand, on NumPy, torch, JAX and CuPy arrays alike."""

from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.classification import OneHiddenLayer, SoftmaxRegression
from ntr_spec.problems.completion import MatrixCompletion
from ntr_spec.problems.datasets import breast_cancer, digits_completion, digits_network, digits_softmax
from ntr_spec.problems.logistic import SparseLogistic
from ntr_spec.problems.named import NAMED, named
from ntr_spec.problems.plane import Quadratic, Rosenbrock
from ntr_spec.problems.problem import Problem, Samples

__all__ = [
    "NAMED",
    "Baseline",
    "MatrixCompletion",
    "OneHiddenLayer",
    "Problem",
    "Quadratic",
    "Rosenbrock",
    "Samples",
    "SoftmaxRegression",
    "SparseLogistic",
    "breast_cancer",
    "digits_completion",
    "digits_network",
    "digits_softmax",
    "named",
]
