"""Laws on arrays that imitate CuPy's: some subjects of each kind here; ``doctor --gpu`` asks all of them of a card.

Here, as with CuPy, values may be read; that hooks do not is another law.
"""

import numpy as np
import pytest

from ntr_spec.arrays import namespace as namespace_module
from ntr_spec.verify import Settings, Status, backends
from ntr_spec.verify.property import check
from ntr_spec.verify.subjects import kind_named
from tests.gpu import cuda, imitation

SOME = [
    ("norm", "LInf"),
    ("norm", "L2"),
    ("norm", "TopK"),
    ("norm", "Nuclear"),
    ("norm", "Linear"),
    ("norm", "Product"),
    ("regularizer", "Penalty nuclear"),
    ("regularizer", "Ball L1"),
    ("method", "TrustRegion LInf"),
    ("problem", "quadratic"),
]


@pytest.fixture
def xp(monkeypatch):
    if cuda.COMPILER is None:
        pytest.skip("no C++ compiler to run kernels' source on the host")
    found = imitation.namespace()
    monkeypatch.setitem(namespace_module._KNOWN, imitation.DeviceArray, found)
    monkeypatch.setattr(backends, "BACKENDS", (imitation.ImitatedBackend(),))
    with imitation.readable():
        yield found


def refuted(kind, name, only=None):
    subject = dict(kind_named(kind).catalogue())[name]
    settings = Settings(backends=("cupy",), max_examples=50 if only else 5, timeout=60.0)
    laws = [law for law in kind_named(kind).laws.values() if law.missing(subject) is None and only in (None, law.name)]
    evidence = [found for law in laws for found in check(subject, law, settings)]
    assert any(found.status is Status.TESTED for found in evidence) or only
    fine = (Status.TESTED, Status.SKIPPED)
    return {found.law: str(found.witness or found.reason) for found in evidence if found.status not in fine}


@pytest.mark.parametrize(("kind", "name"), SOME, ids=lambda part: part)
def test_laws_hold(xp, kind, name):
    assert refuted(kind, name) == {}


def test_a_sign_that_loses_nan_is_refuted(xp, monkeypatch):
    monkeypatch.setattr(xp, "sign", xp._base.sign)
    assert "nan_propagates" in refuted("norm", "LInf", "nan_propagates")


def test_subnormals_that_divide_are_refuted(xp, monkeypatch):
    limits = xp.limits(np.dtype("float32"))
    monkeypatch.setitem(
        xp._limits, np.dtype("float32"), type(limits)(limits.eps, 2.0**-149, limits.largest_divisor, limits.max)
    )
    assert "zero_to_zero" in refuted("norm", "L2", "zero_to_zero")


def test_decompositions_as_they_come_are_refuted(xp, monkeypatch):
    monkeypatch.setattr(xp, "linalg", xp._base.linalg)
    assert "nan_propagates" in refuted("norm", "Nuclear", "nan_propagates")
