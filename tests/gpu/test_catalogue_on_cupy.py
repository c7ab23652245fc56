"""Every law of every norm of the catalogue on a real CUDA device, through CuPy. Run with ``pytest -m gpu``.

Nothing here counts as tested until it has run; without a device each case is skipped, and says so.
"""

import pytest

from ntr_spec.laws import EXACT_LAWS, FLOAT_LAWS
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.verify import Settings, Status
from ntr_spec.verify.backends import CuPyBackend
from ntr_spec.verify.property import check

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not CuPyBackend().installed, reason="CuPy with a CUDA device is not here"),
]


@pytest.mark.parametrize(("name", "norm"), catalogue(), ids=[name for name, _ in catalogue()])
def test_every_law_holds(name, norm):
    settings = Settings(backends=("cupy",), max_examples=30, timeout=120.0)
    laws = [law for law in (*EXACT_LAWS, *FLOAT_LAWS) if law.missing(norm) is None]
    evidence = [found for law in laws for found in check(norm, law, settings)]
    bad = {e.law: str(e.witness) for e in evidence if e.status not in (Status.TESTED, Status.SKIPPED)}
    assert not bad
