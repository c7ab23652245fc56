"""The symbolic namespace against NumPy, at exact points with ties and zeros; and what it refuses."""

import array_api_compat.numpy as np_xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.errors import InputError, UntraceableError
from ntr_spec.verify.symbolic import NAMESPACE, DType, SymbolicArray, constants, symbols
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.cases import split, substitute
from ntr_spec.verify.symbolic.ground import definedness, float_of
from ntr_spec.verify.symbolic.squaring import without_roots

# Each is a function of a namespace, a vector x of 4 entries, a vector y of 4 and a positive number r.
FUNCTIONS = {
    "arithmetic": lambda xp, x, y, r: x * y - x / (1 + y * y) + 2 * x - 1 + (-x) + x**2 + 3 / (1 + x * x),
    "rsub": lambda xp, x, y, r: 1 - x + 2 * (r - y),
    "comparisons": lambda xp, x, y, r: xp.stack([x < y, x <= y, x > y, x >= y, x == y, x != y]),
    "named comparisons": lambda xp, x, y, r: xp.stack(
        [
            xp.less(x, y),
            xp.less_equal(x, y),
            xp.greater(x, y),
            xp.greater_equal(x, y),
            xp.equal(x, y),
            xp.not_equal(x, y),
        ]
    ),
    "logic": lambda xp, x, y, r: ((x < y) & (x > 0)) | ~(y > 1) ^ (x == 0),
    "named logic": lambda xp, x, y, r: xp.logical_xor(
        xp.logical_and(x < y, x > 0), xp.logical_or(xp.logical_not(y > 1), x == 0)
    ),
    "abs": lambda xp, x, y, r: xp.abs(x) + abs(y),
    "sign": lambda xp, x, y, r: xp.sign(x),
    "sqrt": lambda xp, x, y, r: xp.sqrt(xp.abs(x)) + xp.abs(y) ** 1.5,
    "pow": lambda xp, x, y, r: xp.pow(xp.abs(x), 3) + xp.pow(1 + x * x, -0.5),
    "square": lambda xp, x, y, r: xp.square(x) + xp.reciprocal(1 + xp.square(y)),
    "maximum": lambda xp, x, y, r: xp.maximum(x, y) - 2 * xp.minimum(x, y),
    "clip": lambda xp, x, y, r: xp.clip(x, -0.5, 1.0) + xp.clip(y, min=0.0) + xp.clip(x, -xp.inf, 0.5),
    "copysign": lambda xp, x, y, r: xp.copysign(x, xp.where(y == 0, xp.ones_like(y), y)),
    "where": lambda xp, x, y, r: xp.where(x > y, x, xp.zeros_like(x)),
    "where of truth": lambda xp, x, y, r: xp.where(x > y, x > 0, y > 0),
    "sum": lambda xp, x, y, r: xp.sum(x) * xp.sum(xp.reshape(y, (2, 2)), axis=0),
    "sum of truth": lambda xp, x, y, r: xp.sum(xp.astype(x > y, xp.int64)),
    "prod": lambda xp, x, y, r: xp.prod(xp.reshape(x, (2, 2)), axis=-1, keepdims=True),
    "mean": lambda xp, x, y, r: xp.mean(x) + xp.mean(xp.reshape(x, (2, 2)), axis=1),
    "max": lambda xp, x, y, r: xp.max(x) - xp.min(xp.reshape(y, (2, 2)), axis=0),
    "max over axes": lambda xp, x, y, r: xp.max(xp.reshape(y, (1, 2, 2)), axis=(0, 2)),
    "argmax": lambda xp, x, y, r: xp.argmax(x) + 10 * xp.argmin(y),
    "argmax of rows": lambda xp, x, y, r: xp.argmax(xp.reshape(x, (2, 2)), axis=-1, keepdims=True),
    "argmax as selection": lambda xp, x, y, r: xp.where(xp.arange(4) == xp.argmax(xp.abs(x)), -xp.sign(x), 0 * x),
    "sort": lambda xp, x, y, r: xp.stack([xp.sort(x), xp.sort(y, descending=True)]),
    "sort of columns": lambda xp, x, y, r: xp.sort(xp.reshape(x, (2, 2)), axis=0),
    "argsort": lambda xp, x, y, r: xp.stack([xp.argsort(x), xp.argsort(y, descending=True)]),
    "ranks": lambda xp, x, y, r: xp.argsort(xp.argsort(x)) + 10 * xp.argsort(xp.argsort(y, descending=True)),
    "take": lambda xp, x, y, r: xp.take(x, xp.argsort(y)[:2]) + xp.take(y, xp.asarray([3, 0])),
    "take of columns": lambda xp, x, y, r: xp.take(xp.reshape(x, (2, 2)), xp.asarray([1, 0, 1]), axis=1),
    "take_along_axis": lambda xp, x, y, r: xp.take_along_axis(x, xp.argsort(xp.abs(y), descending=True), axis=-1),
    "take by a count": lambda xp, x, y, r: xp.take(x, xp.reshape(xp.sum(xp.astype(y[1:] > 0, xp.int64)), (1,))),
    "cumulative_sum": lambda xp, x, y, r: xp.cumulative_sum(x) + xp.cumulative_sum(xp.reshape(y, (1, 4)), axis=1),
    "all": lambda xp, x, y, r: xp.stack([xp.all(x > y), xp.any(x > y), xp.all(x), xp.any(y)]),
    "count_nonzero": lambda xp, x, y, r: xp.count_nonzero(x),
    "concat": lambda xp, x, y, r: xp.concat([x[1:], y[:1], xp.flip(x)]),
    "stack": lambda xp, x, y, r: xp.stack([x, y], axis=1),
    "unstack": lambda xp, x, y, r: xp.unstack(xp.stack([x, y]))[1],
    "reshape": lambda xp, x, y, r: xp.permute_dims(xp.reshape(x, (1, 2, -1)), (2, 0, 1)),
    "transpose": lambda xp, x, y, r: xp.matrix_transpose(xp.reshape(x, (2, 2))) + xp.reshape(y, (2, 2)).mT,
    "moveaxis": lambda xp, x, y, r: xp.moveaxis(xp.reshape(x, (1, 4)), 0, 1),
    "matmul": lambda xp, x, y, r: xp.matmul(xp.reshape(x, (2, 2)), xp.reshape(y, (2, 2))) @ y[:2],
    "vector matmul": lambda xp, x, y, r: x @ y + x[:2] @ xp.reshape(y, (2, 2)) @ x[2:],
    "tensordot": lambda xp, x, y, r: xp.tensordot(xp.reshape(x, (2, 2)), xp.reshape(y, (2, 2)), axes=((0,), (1,))),
    "vecdot": lambda xp, x, y, r: xp.vecdot(xp.reshape(x, (2, 2)), xp.reshape(y, (2, 2)), axis=0),
    "roll": lambda xp, x, y, r: xp.roll(x, 1) + xp.flip(xp.roll(xp.reshape(y, (2, 2)), 1, axis=1), axis=0)[0, 0],
    "expand": lambda xp, x, y, r: xp.squeeze(xp.expand_dims(x, axis=0), 0) + xp.expand_dims(y, axis=-1),
    "broadcast": lambda xp, x, y, r: xp.broadcast_to(x, (2, 4)) + xp.broadcast_arrays(y, xp.ones((2, 1)))[0],
    "repeat": lambda xp, x, y, r: xp.repeat(x, 2) - xp.tile(y, (2,)),
    "indexing": lambda xp, x, y, r: x[::2] + y[-2:] + x[..., None][0] + xp.reshape(x, (2, 2))[:, 1],
    "creation": lambda xp, x, y, r: (
        xp.zeros(4) + xp.ones(4) + xp.full(4, 0.5) + xp.zeros_like(x) + xp.ones_like(x) + xp.full_like(x, 2) + x
    ),
    "matrices": lambda xp, x, y, r: xp.tril(xp.reshape(x, (2, 2))) + xp.triu(xp.reshape(y, (2, 2)), k=1) + xp.eye(2),
    "arange": lambda xp, x, y, r: xp.astype(xp.arange(1, 5), x.dtype) * x + xp.linspace(0.0, 1.0, 4),
    "isfinite": lambda xp, x, y, r: xp.stack([xp.isnan(x), xp.isinf(x), xp.isfinite(x)]),
    "norms": lambda xp, x, y, r: (
        xp.linalg.vector_norm(x)
        + xp.linalg.vector_norm(x, ord=1)
        + xp.linalg.vector_norm(x, ord=float("inf"))
        + xp.linalg.vector_norm(xp.reshape(y, (2, 2)), axis=1, ord=3)
        + xp.linalg.matrix_norm(xp.reshape(x, (2, 2)))
        + xp.linalg.matrix_norm(xp.reshape(x, (2, 2)), ord=1)
    ),
    "solve": lambda xp, x, y, r: xp.linalg.solve(xp.asarray([[2.0, 1.0], [1.0, 3.0]]), xp.reshape(x, (2, 2))),
    "inv": lambda xp, x, y, r: xp.linalg.inv(xp.asarray([[0.0, 1.0], [4.0, 3.0]])) @ x[:2],
    "det": lambda xp, x, y, r: xp.linalg.det(xp.reshape(x, (2, 2))) + xp.linalg.trace(xp.reshape(y, (2, 2))),
    "svdvals of a row": lambda xp, x, y, r: xp.linalg.svdvals(xp.reshape(x, (1, 4))),
    "svdvals of a diagonal": lambda xp, x, y, r: xp.linalg.svdvals(xp.eye(4) * x),
    "scalar": lambda xp, x, y, r: x * r + xp.maximum(y, r),
}

entries = st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.0, 0.25])
vectors = st.lists(entries, min_size=4, max_size=4)


def at(array, values):
    """The floats that a trace takes at given values of its symbols."""
    replaced = dict(values)
    result = np.empty(array.shape)
    for index, term in np.ndenumerate(array.terms):
        result[index] = float_of(t.number_of(substitute(term, replaced)))
    return result


@pytest.mark.parametrize("name", FUNCTIONS)
@given(a=vectors, b=vectors, c=st.sampled_from([1.0, 0.5, 3.0]))
@settings(max_examples=15, deadline=None)
def test_agrees_with_numpy(name, a, b, c):
    function = FUNCTIONS[name]
    expected = np.asarray(function(np_xp, np.array(a), np.array(b), np.array(c)), dtype=float)
    exact = function(NAMESPACE, constants(np.array(a)), constants(np.array(b)), constants(np.array(c)))
    x, y, r = symbols("x", 4), symbols("y", 4), symbols("r", (), positive=True)
    traced = function(NAMESPACE, x, y, r)
    values = {s: t.const(t.Fraction(v)) for s, v in zip([*x.terms, *y.terms, r.term], [*a, *b, c], strict=True)}
    assert exact.shape == traced.shape == expected.shape
    np.testing.assert_allclose(at(exact, {}), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(at(traced, values), expected, rtol=1e-12, atol=1e-12)


@given(a=vectors)
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize(
    "make",
    [lambda xp, x: xp.reshape(x, (1, 4)), lambda xp, x: xp.reshape(x, (4, 1)), lambda xp, x: xp.eye(4) * x],
)
def test_singular_value_decompositions_multiply_back(make, a):
    u, s, vh = NAMESPACE.linalg.svd(make(NAMESPACE, constants(np.array(a))), full_matrices=False)
    u, s, vh = at(u, {}), at(s, {}), at(vh, {})
    np.testing.assert_allclose(u @ np.diag(s) @ vh, make(np, np.array(a)), atol=1e-12)
    np.testing.assert_allclose(u.T @ u, np.eye(len(s)), atol=1e-12)
    np.testing.assert_allclose(vh @ vh.T, np.eye(len(s)), atol=1e-12)
    assert list(s) == sorted(s, reverse=True)


def test_every_function_of_the_namespace_is_compared():
    from ntr_spec.verify.symbolic.namespace import _FUNCTIONS

    source = __import__("pathlib").Path(__file__).read_text()
    elsewhere = {
        "asarray",
        "add",
        "subtract",
        "multiply",
        "divide",
        "negative",
        "positive",
        "hypot",
        "signbit",
        "empty",
        "empty_like",
    }
    assert [name for name in _FUNCTIONS if f"xp.{name}(" not in source and name not in elsewhere] == []


def test_floats_are_read_as_their_author_meant_them():
    assert str(NAMESPACE.asarray([0.1, 4 / 3]).expressions.tolist()) == "[1/10, 4/3]"


def test_numpy_scalars_and_arrays_on_the_left():
    x = symbols("x", 2)
    assert at(
        np.float64(2.0) * x + np.array([1.0, 2.0]) - np.array(1.0), {x.terms[0]: t.ONE, x.terms[1]: t.ZERO}
    ).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("attempt", "word"),
    [
        (lambda x: bool(x[0] > 0), "xp.where"),
        (lambda x: float(x[0]), "xp.where"),
        (lambda x: int(x[0]), "xp.where"),
        (lambda x: x[x > 0], "xp.where"),
        (lambda x: np.abs(x), "xp"),
        (lambda x: np.asarray(x), "xp"),
        (lambda x: np.sum(x), "xp"),
        (lambda x: np.concatenate([x, x]), "xp"),
        (lambda x: NAMESPACE.exp(x), "xp.exp"),
        (lambda x: NAMESPACE.linalg.eigh(x), "linalg.eigh"),
        (lambda x: NAMESPACE.linalg.svdvals(NAMESPACE.reshape(x, (2, 2))), "gauge"),
        (lambda x: NAMESPACE.linalg.solve(NAMESPACE.reshape(x, (2, 2)), x[:2]), "constant"),
        (lambda x: x ** x[0], "exponent"),
        (lambda x: x.__setitem__(0, 1.0), "xp.where"),
        (lambda x: NAMESPACE.sort(symbols("z", 40)), "too many"),
    ],
)
def test_what_cannot_be_traced_says_what_to_do(attempt, word):
    with pytest.raises(UntraceableError, match=word):
        attempt(symbols("x", 4))


def test_norms_run_on_symbols_through_their_public_verbs():
    x = symbols("x", 2)
    assert namespace_of(x).exact
    assert str(ntr.L1()(x).expressions) == "Abs(x1) + Abs(x2)"
    with pytest.raises(InputError):
        ntr.L1()(symbols("x", 0))


def test_pytrees_of_symbols():
    tree = symbols("x", {"W": (2, 2), "b": 2})
    assert tree["W"].shape == (2, 2)
    assert str(tree["b"].expressions.tolist()) == "[x_b1, x_b2]"


def test_dtypes():
    x = symbols("x", 2)
    assert x.dtype is DType.REAL
    assert (x > 0).dtype is DType.BOOLEAN
    assert NAMESPACE.argmax(x).dtype is DType.INTEGER
    assert NAMESPACE.isdtype(x.dtype, "real floating")
    assert not NAMESPACE.isdtype(DType.INTEGER, "real floating")


# ---- terms ------------------------------------------------------------------------------------------------------

X, Y = t.symbol("x"), t.symbol("y")


def value(term, **values):
    return substitute(term, {t.symbol(k): t.const(t.Fraction(v)) for k, v in values.items()})


def test_division_is_never_cancelled():
    assert definedness(t.div(X, X)) is not t.TRUE
    assert definedness(t.sub(t.div(t.ONE, X), t.div(t.ONE, X))) is not t.TRUE
    assert definedness(t.mul(t.ZERO, t.div(t.ONE, X))) is not t.TRUE
    assert definedness(t.power(t.div(t.ONE, X), t.Fraction(0))) is not t.TRUE
    assert value(t.div(X, X), x=0).op == "undefined"


def test_only_the_branch_taken_must_be_defined():
    guarded = t.where(t.eq(X, t.ZERO), t.ZERO, t.div(t.ONE, X))
    assert value(guarded, x=0) is t.ZERO
    assert value(definedness(guarded), x=0) is t.TRUE
    unguarded = t.where(t.eq(X, t.ZERO), t.div(t.ONE, X), t.ZERO)
    assert value(definedness(unguarded), x=0) is t.FALSE
    assert value(definedness(unguarded), x=1) is t.TRUE


def test_roots_of_negative_numbers_are_undefined():
    assert t.power(t.const(-1), t.Fraction(1, 2)).op == "undefined"
    assert value(definedness(t.power(X, t.Fraction(1, 3))), x=-1) is t.FALSE
    assert value(t.power(X, t.Fraction(2)), x=-3) is t.const(9)


def test_zero_to_the_zero_is_one_as_in_floating_point():
    assert t.power(X, t.Fraction(0)) is t.ONE
    assert float(np.float64(0.0) ** 0.0) == 1.0


def test_a_positive_symbol_is_not_a_real_one_of_the_same_name():
    assert t.symbol("r", positive=True) is not t.symbol("r")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("√2·√3 − √6", 0),
        ("√(3 + 2√2) − 1 − √2", 0),
        ("∛2 − 1.2599210498948731647", 1),
        ("∛2 − 1.2599210498948731648", -1),
    ],
)
def test_signs_of_constants_are_exact(text, sign):
    def root(a, n=2):
        return t.power(a, t.Fraction(1, n))

    def decimal(digits):
        return t.const(t.Fraction(digits))

    two, three = t.const(2), t.const(3)
    numbers = {
        "√2·√3 − √6": t.sub(t.mul(root(two), root(three)), root(t.const(6))),
        "√(3 + 2√2) − 1 − √2": t.sub(t.sub(root(t.add(three, t.mul(two, root(two)))), t.ONE), root(two)),
        "∛2 − 1.2599210498948731647": t.sub(root(two, 3), decimal("1.2599210498948731647")),
        "∛2 − 1.2599210498948731648": t.sub(root(two, 3), decimal("1.2599210498948731648")),
    }
    assert t.sign(numbers[text]) is t.const(sign)


points = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@given(x=points, y=points)
@settings(max_examples=60, deadline=None)
def test_squaring_and_splitting_keep_the_truth(x, y):
    root = t.power(t.add(t.mul(X, X), t.mul(Y, Y)), t.Fraction(1, 2))
    guarded = t.div(X, t.where(t.eq(root, t.ZERO), t.ONE, root))
    for formula in (
        t.le(t.add(X, Y), root),
        t.le(root, t.add(X, Y)),
        t.lt(root, t.add(t.absolute(X), t.absolute(Y))),
        t.lt(X, root),
        t.lt(root, X),
        t.eq(root, t.absolute(X)),
        t.le(guarded, t.where(t.lt(X, Y), t.ONE, t.ZERO)),
    ):
        truth = value(formula, x=x, y=y)
        squared = without_roots(formula)
        if squared is not None:
            assert value(squared, x=x, y=y) is truth
        assert t.truth(all(holds(part, x=x, y=y) for part in split(formula, 3))) is truth


def holds(formula, **values):
    """Truth as Z3 has it: an undefined part of a disjunction is not asked for if another part is true."""
    if formula.op == "or":
        return any(holds(part, **values) for part in formula.args)
    return value(formula, **values) is t.TRUE


def test_equal_terms_are_one_object():
    assert t.add(X, Y) is t.add(Y, X)
    assert SymbolicArray(t.mul(X, Y), DType.REAL).term is t.mul(Y, X)
