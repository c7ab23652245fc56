"""Small problems that know their constants, and norms to ask them about."""

import numpy as np

import ntr_spec as ntr
from ntr_spec import problems
from ntr_spec.problems.problem import Samples

TREE = {"W": np.asarray([[0.5, -1.0], [2.0, 0.25]]), "b": np.asarray([1.0, -0.5])}


def positive(size, seed):
    B = np.random.default_rng(seed).normal(size=(size, size))
    return B @ B.T / size


def labelled(classes, seed=0, count=12, inputs=3):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, inputs))
    return Samples(features, np.eye(classes)[rng.integers(classes, size=count)])


def softmax(classes, weight=0.1):
    return problems.SoftmaxRegression(labelled(classes), labelled(classes, 1), weight=weight)


def sparse():
    rng = np.random.default_rng(3)
    data = Samples(rng.normal(size=(9, 2)), rng.choice([-1.0, 1.0], size=9))
    return problems.SparseLogistic(data, data)


def logistic(weight=0.05, seed=5, size=3, count=14):
    rng = np.random.default_rng(seed)
    return problems.logistic_regression(rng.normal(size=(count, size)), rng.choice([-1.0, 1.0], size=count), weight)


CASES = {
    "quadratic": lambda: problems.Quadratic(positive(3, 0), np.asarray([1.0, -2.0, 0.5]), np.zeros(3)),
    "diagonal": lambda: problems.Quadratic(np.diag([1.0, 5.0, 0.2]), np.ones(3), np.zeros(3)),
    "matrix": lambda: problems.MatrixRegression(
        np.random.default_rng(1).normal(size=(7, 3)), np.random.default_rng(2).normal(size=(7, 2))
    ),
    "logistic": logistic,
    "robust": lambda: problems.robust_regression(3, 8),
    "outliers": lambda: problems.robust_regression(3, 8, problems.Welsch(), outliers=0.3),
    "logcosh": lambda: problems.LinearModel(problems.LogCosh(), positive(3, 4), np.ones(3), 0.1),
    "softmax": lambda: softmax(3),
    "two classes": lambda: softmax(2),
    "sparse": sparse,
    "star-convex": lambda: problems.Separable(problems.Cosine(), np.ones(3), np.zeros(3), 2.0, 0.5),
    "star-convex matrix": lambda: problems.Separable(problems.Cosine(1.2), np.ones((2, 3)), np.zeros((2, 3))),
    "wave tree": lambda: problems.Separable(problems.Wave(), TREE, {k: 0 * v for k, v in TREE.items()}, 0.5, 2.0),
    "cauchy": lambda: problems.Separable(problems.Cauchy(), np.ones(3), np.zeros(3)),
    "welsch": lambda: problems.Separable(problems.Welsch(), np.ones(3), np.zeros(3)),
    "log cosh": lambda: problems.Separable(problems.LogCosh(), np.ones(3), np.zeros(3), width=0.7),
    "square": lambda: problems.Separable(problems.Square(), np.ones((3, 2)), np.zeros((3, 2)), 3.0),
    "noisy": lambda: problems.Noisy(problems.Quadratic(), problems.Gaussian(0.5)),
}

VECTOR = (
    ntr.L1(),
    ntr.L2(),
    ntr.LInf(),
    ntr.Lp(3),
    ntr.Lp(1.25),
    ntr.Lp(6),
    ntr.TopK(2),
    ntr.TopK(2).dual,
    ntr.OWL([3, 2, 1]),
    ntr.OWL([3, 2, 1]).dual,
    ntr.Ellipsoidal([[2, 1, 0], [1, 3, 0.5], [0, 0.5, 1]]),
    ntr.Ellipsoidal([[2, 1, 0], [1, 3, 0.5], [0, 0.5, 1]], inverse=True),
    ntr.Ellipsoidal([[4, 0, 0], [0, 9, 0], [0, 0, 1]]),
    ntr.Scaled(ntr.LInf(), 0.3),
    ntr.Weighted(ntr.L1(), [1, 2, 4]),
    ntr.Weighted(ntr.LInf(), [1, 2, 4]),
    ntr.Weighted(ntr.L1(), [1, 2, 4]).dual,
    ntr.Linear(ntr.LInf(), [[1, 1, 0], [0, 2, 0], [0, 1, 1]]),
    ntr.Linear(ntr.L1(), [[1, 1, 0], [0, 2, 0], [0, 1, 1]]),
    ntr.Linear(ntr.LInf(), [[1, 1, 0], [0, 2, 0], [0, 1, 1]]).dual,
    ntr.Linear(ntr.L2(), [[1, 1, 0], [0, 2, 0], [0, 1, 1]]),
    ntr.PerLeaf(ntr.LInf()),
)
MATRIX = (
    ntr.L1(),
    ntr.LInf(),
    ntr.Lp(4),
    ntr.Frobenius(),
    ntr.Spectral(),
    ntr.Nuclear(),
    ntr.Schatten(3),
    ntr.Schatten(5),
    ntr.KyFan(2),
    ntr.KyFan(2).dual,
    ntr.RMSOperator(),
    ntr.RMSOperator().dual,
    ntr.Scaled(ntr.Spectral(), 3),
    ntr.ShapeScaled(ntr.Spectral(), "out/in"),
    ntr.ShapeScaled(ntr.Spectral(), "out/in").dual,
    ntr.Mixed(ntr.LInf(), ntr.L1(), axis=1),
    ntr.Mixed(ntr.L1(), ntr.L2(), axis=0),
    ntr.Mixed(ntr.Lp(3), ntr.LInf(), axis=0),
    ntr.Stacked(ntr.LInf(), ntr.L1()),
    ntr.Reshaped(ntr.Spectral(), (-1, 2)),
)
TREES = (
    ntr.Product({"W": ntr.Spectral(), "b": ntr.LInf()}),
    ntr.Product({"W": ntr.L1(), "b": ntr.L1()}, outer=ntr.L1()),
    ntr.Product({"W": ntr.Frobenius(), "b": ntr.L2()}, outer=ntr.L2()),
    ntr.Product({"W": ntr.LInf(), "b": ntr.LInf()}),
    ntr.Product({"W": ntr.Nuclear(), "b": ntr.LInf()}, outer=ntr.Lp(4)),
    ntr.PerLeaf(ntr.LInf()),
    ntr.PerLeaf(ntr.L2(), outer=ntr.L2()),
)
PLANE = (ntr.L1(), ntr.L2(), ntr.LInf(), ntr.Lp(3), ntr.TopK(2))
SPARSE = (
    ntr.Product({"w": ntr.LInf(), "b": ntr.LInf()}),
    ntr.Product({"w": ntr.L1(), "b": ntr.L1()}, outer=ntr.L1()),
    ntr.Product({"w": ntr.L2(), "b": ntr.L2()}, outer=ntr.L2()),
)


def norms(problem):
    """The norms whose domain the problem's points are in."""
    if isinstance(problem.x0, dict):
        return SPARSE if "w" in problem.x0 else TREES
    if problem.x0.ndim == 2:
        return MATRIX
    return VECTOR if problem.x0.shape == (3,) else PLANE
