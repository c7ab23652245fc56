"""Constants inside norms: copied, frozen, comparable, usable on every backend."""

import pickle

import array_api_strict
import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import Parameter, namespace_of


def test_a_copy_is_kept_and_frozen():
    source = np.array([1.0, 2.0])
    parameter = Parameter(source)
    source[0] = 9.0
    assert parameter == Parameter([1, 2])
    with pytest.raises(ValueError, match=r"read-only"):
        parameter.host[0] = 3.0


def test_equality_hash_print_and_pickle():
    a, b = Parameter([[1, 2], [3, 4]]), Parameter(np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32))
    assert a == b
    assert hash(a) == hash(b)
    assert repr(a) == "[[1.0, 2.0], [3.0, 4.0]]"
    assert pickle.loads(pickle.dumps(a)) == a
    assert a != Parameter([1, 2, 3, 4])
    assert a != [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("make", [np.asarray, torch.tensor, array_api_strict.asarray])
@pytest.mark.parametrize("value", [[0.1, 2.0], np.array([0.1, 2.0]), torch.tensor([0.1, 2.0], dtype=torch.float64)])
def test_like_has_the_library_and_dtype_of_the_point(make, value):
    for dtype in ("float32", "float64"):
        x = make([1.0])
        xp = namespace_of(x)
        x = xp.astype(x, getattr(xp, dtype))
        found = Parameter(value).like(x, xp)
        assert type(found) is type(x)
        assert found.dtype == x.dtype
        assert float(found[0]) == pytest.approx(0.1, rel=1e-7)


def test_an_array_of_another_library_is_copied_and_used_where_it_is():
    weights, x = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    parameter = Parameter(weights)
    weights[0] = 9.0
    found = parameter.like(x, namespace_of(x))
    assert found.tolist() == [1.0, 2.0]
    assert found.data_ptr() == Parameter(parameter).like(x, namespace_of(x)).data_ptr()


def test_weights_of_another_device_are_moved():
    there = array_api_strict.Device("device1")
    x = array_api_strict.asarray([1.0], device=there)
    found = Parameter(array_api_strict.asarray([2.0])).like(x, namespace_of(x))
    assert (found.device, float(found[0])) == (there, 2.0)


def test_float_weights_do_not_widen_float32_points():
    x = torch.tensor([1.0, -2.0])
    for norm in (
        ntr.Weighted(ntr.L1(), [1, 3]),
        ntr.Ellipsoidal([[2, 0], [0, 1]]),
        ntr.Linear(ntr.L2(), [[1, 1], [0, 1]]),
    ):
        assert norm(x).dtype == norm.lmo(x).dtype == norm.dual(x).dtype == torch.float32


@pytest.mark.parametrize("value", [[1, np.nan], [np.inf], [], [[1, 2], [3]], "abc", [1j], None])
def test_other_values_are_refused(value):
    with pytest.raises(ntr.InputError, match=r"weights: expected"):
        Parameter(value, "weights")
