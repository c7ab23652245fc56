"""How far balls reach: sup ⟨u, Au⟩ and sup ‖u‖_r against enumeration, ascent, and the ρ that norms declare."""

import itertools

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.problems.forms import LARGEST_SIGN_CUBE, largest_value
from ntr_spec.problems.parts import flattened, parts
from ntr_spec.problems.reach import reach, weighted_reach
from ntr_spec.trees import Shape, leaves, tree_map
from tests.problems.cases import MATRIX, VECTOR, positive
from tests.problems.oracle import ascend


@pytest.mark.parametrize(("name", "norm"), catalogue(), ids=[name for name, _ in catalogue()])
def test_in_l2_a_ball_reaches_as_far_as_rho(name, norm):
    for shape in norm._shapes((1, 2, 3, 5)):
        far = reach(norm, shape, 2)
        assert far == pytest.approx(norm.rho(shape), rel=1e-12) if far is not None else name == "Ellipsoidal"


@pytest.mark.parametrize("r", [2, 2.5, 3, 4])
@pytest.mark.parametrize(
    ("norm", "like"),
    [(n, np.zeros(3)) for n in VECTOR] + [(n, np.zeros((2, 3))) for n in MATRIX],
    ids=[repr(n) for n in VECTOR + MATRIX],
)
def test_a_ball_reaches_as_far_as_ascent_finds(norm, like, r):
    far = reach(norm, tree_map(lambda leaf: Shape(leaf.shape), like), r)
    if far is None:
        assert isinstance(norm, ntr.Ellipsoidal | ntr.Linear)
        return
    found = ascend(
        norm,
        lambda u: np.sign(u) * np.abs(u) ** (r - 1),
        lambda u: float(np.sum(np.abs(u) ** r)),
        like,
        np.random.default_rng(0),
        count=2,
    )
    assert found == pytest.approx(far**r, rel=1e-6)


def test_weighted_balls_reach_as_far_as_ascent_finds():
    rng = np.random.default_rng(1)
    s = np.asarray([0.5, 2.0, 1.0])
    for norm in VECTOR:
        far = weighted_reach(norm, s, 3)
        if far is not None:
            found = ascend(
                norm, lambda u: s**3 * u * np.abs(u), lambda u: float(np.sum(np.abs(s * u) ** 3)), s, rng, count=3
            )
            assert found == pytest.approx(far**3, rel=1e-6), norm


@pytest.mark.parametrize("size", [1, 2, 5, 13])
def test_the_cube_is_gone_through_whole(size):
    A = positive(size, size)
    found = largest_value(A, ntr.LInf(), Shape((size,)))
    signs = np.asarray(list(itertools.product((1.0, -1.0), repeat=size)))
    assert found.tight
    assert found.value == pytest.approx(float(np.max(np.einsum("ki,ij,kj->k", signs, A, signs))), rel=1e-12)


def test_a_cube_that_is_too_large_gives_a_bound_unless_it_is_easy():
    size = LARGEST_SIGN_CUBE + 1
    A, shape = positive(size, 0), Shape((size,))
    found = largest_value(A, ntr.LInf(), shape)
    assert not found.tight
    best = ascend(ntr.LInf(), lambda u: A @ u, lambda u: float(u @ A @ u), np.zeros(size), np.random.default_rng(0))
    assert best <= found.value <= size * np.linalg.eigvalsh(A)[-1] * (1 + 1e-12)
    for easy in (np.abs(A), np.diag(np.diagonal(A)), 3 * np.eye(size)):
        found = largest_value(easy, ntr.LInf(), shape)
        assert found.tight
        assert found.value == pytest.approx(float(np.sum(easy)), rel=1e-12)


def test_a_form_that_is_not_diagonal_is_bounded_in_other_norms_and_never_called_tight():
    A, rng = positive(3, 7), np.random.default_rng(2)
    for norm in (ntr.Lp(3), ntr.TopK(2).dual, ntr.OWL([3, 2, 1])):
        found = largest_value(A, norm, Shape((3,)))
        assert not found.tight
        assert ascend(norm, lambda u: A @ u, lambda u: float(u @ A @ u), np.zeros(3), rng) <= found.value
    assert largest_value(A, ntr.TopK(2), Shape((3,))).tight


def test_norms_of_norms_that_are_one_norm_of_all_entries_are_seen():
    two = {"W": ntr.L2(), "b": ntr.L2()}
    assert flattened(ntr.Product(two, outer=ntr.L2())) == ntr.L2()
    assert flattened(ntr.Product(two)) == ntr.Product(two)
    assert flattened(ntr.PerLeaf(ntr.LInf())) == ntr.LInf()
    assert flattened(ntr.PerLeaf(ntr.L1())) == ntr.PerLeaf(ntr.L1())
    nested = ntr.Product(
        {"a": ntr.Product({"b": ntr.L1(), "c": ntr.L1()}, outer=ntr.L1()), "d": ntr.L1()}, outer=ntr.L1()
    )
    assert flattened(nested) == ntr.L1()
    rng = np.random.default_rng(3)
    x = {"a": {"b": rng.normal(size=2), "c": rng.normal(size=3)}, "d": rng.normal(size=2)}
    assert float(nested(x)) == pytest.approx(sum(float(np.abs(leaf).sum()) for leaf in leaves(x)))


COUPLED = [
    (ntr.Mixed(ntr.L1(), ntr.LInf(), axis=0), False, True),  # extreme points lie in one column, whatever A is
    (ntr.Mixed(ntr.L1(), ntr.Ellipsoidal([[2, 1], [1, 3]]), axis=0), False, True),
    (ntr.Mixed(ntr.Lp(3), ntr.LInf(), axis=0), True, True),
    (ntr.Mixed(ntr.LInf(), ntr.L1(), axis=0), True, True),
    (ntr.Mixed(ntr.TopK(2).dual, ntr.L2(), axis=0), True, True),
    (ntr.Mixed(ntr.Lp(3), ntr.LInf(), axis=0), False, False),  # A joins the columns
    (ntr.Mixed(ntr.LInf(), ntr.L1(), axis=0), False, False),
]


@pytest.mark.parametrize(("norm", "columnwise", "tight"), COUPLED)
def test_forms_of_norms_of_norms_are_found_part_by_part(norm, columnwise, tight):
    S, shape = positive(2, 4), Shape((2, 3))
    A = np.kron(S, np.diag([1.0, 2.0, 0.5])) if columnwise else positive(6, 5)
    found = largest_value(A, norm, shape)
    assert found.tight == tight
    best = ascend(
        norm,
        lambda u: (A @ u.ravel()).reshape(2, 3),
        lambda u: float(u.ravel() @ A @ u.ravel()),
        np.zeros((2, 3)),
        np.random.default_rng(0),
        count=8,
    )
    assert best == pytest.approx(found.value, rel=1e-6) if tight else best <= found.value


def test_parts_of_a_pytree_are_counted_in_the_order_of_its_leaves():
    norm = ntr.Product({"b": ntr.L1(), "a": ntr.Product({"d": ntr.L1(), "c": ntr.LInf()})})
    outer, inside = parts(norm, {"b": Shape((2,)), "a": {"d": Shape((1, 2)), "c": Shape((2,))}})
    assert outer == ntr.LInf()
    assert sorted(part.places.tolist() for part in inside) == [[0, 1, 2, 3], [4, 5]]
    assert parts(ntr.L1(), Shape((2,))) is None
    _, slices = parts(ntr.Stacked(ntr.Spectral()), Shape((2, 1, 3)))
    assert [(part.shape, part.places.tolist()) for part in slices] == [((1, 3), [0, 1, 2]), ((1, 3), [3, 4, 5])]
