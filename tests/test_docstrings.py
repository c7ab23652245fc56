"""Every doctest in the package runs."""

import doctest
import importlib
import pkgutil

import pytest

import ntr_spec

MODULES = [
    module.name
    for module in pkgutil.walk_packages(ntr_spec.__path__, "ntr_spec.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_public_norms_have_doctests():
    without = [
        name
        for name in ntr_spec.norms.__all__
        if isinstance(getattr(ntr_spec, name), type)
        and issubclass(getattr(ntr_spec, name), ntr_spec.Norm)
        and ">>>" not in (getattr(ntr_spec, name).__doc__ or "")
        and name not in ("SupportFunction", "UnitarilyInvariant")
    ]
    assert not without
