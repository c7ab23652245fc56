import importlib.metadata
import pathlib
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings

import ntr_spec.norms
from ntr_spec.errors import InputError
from ntr_spec.norms import L1, Norm, Product, Spectral, TopK
from ntr_spec.testing import LawCheck, gradients, norms, norms_on, parametrize_laws, points
from ntr_spec.trees import Shape, leaves, shapes

pytest_plugins = ["pytester"]

HEADER = """
from ntr_spec.norms import L1, L2, LInf, Norm
from ntr_spec.testing import parametrize_laws

class Flipped(Norm):
    def _value(self, x, xp):
        return xp.max(xp.abs(x))
    def _lmo(self, g, xp):
        return xp.sign(g)
    @property
    def dual(self):
        return L1()
    def __repr__(self):
        return "Flipped()"
"""


INSTALLED = bool(importlib.metadata.entry_points(group="pytest11", name="ntr_spec"))


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    root = str(pathlib.Path(ntr_spec.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", root)


def run(pytester, test, *options):
    # In a process of its own: NumPy cannot be imported twice in one.
    pytester.makepyfile(HEADER + test)
    plugin = () if INSTALLED else ("-p", "ntr_spec.testing.plugin")
    return pytester.runpytest_subprocess(*plugin, "-p", "no:cacheprovider", *options)


def test_one_test_for_each_norm_and_law(pytester):
    result = run(
        pytester,
        """
@parametrize_laws([L1(), LInf()], laws=["definite", "lmo_attains", "strictly_convex"], max_examples=5)
def test_laws(check):
    check()
""",
        "-v",
    )
    result.assert_outcomes(passed=4)  # neither norm claims to be strictly convex
    result.stdout.fnmatch_lines(["*test_laws?L1*-definite? PASSED*", "*test_laws?LInf*-lmo_attains? PASSED*"])


def test_a_wrong_norm_fails_with_its_witness(pytester):
    result = run(
        pytester,
        """
@parametrize_laws(Flipped(), laws=["definite", "lmo_attains"])
def test_laws(check):
    check()
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*LawError: Flipped() breaks lmo_attains*at g = [[]1.0[]]: 1 == -1 fails in*"])


def test_expected_failures_pass_and_unexpected_passes_fail(pytester):
    result = run(
        pytester,
        """
@parametrize_laws(Flipped(), laws=["lmo_attains", "definite"], expected={"lmo_attains": "uphill on purpose"})
def test_expected(check):
    check()

@parametrize_laws(L1(), laws=["definite"], expected={"definite": "was broken once"})
def test_outdated(check):
    check()
""",
        "-rx",
    )
    result.assert_outcomes(passed=1, xfailed=1, failed=1)
    result.stdout.fnmatch_lines(["*uphill on purpose*"])


def test_options_reach_what_the_test_leaves_open(pytester):
    result = run(
        pytester,
        """
@parametrize_laws(L2(), laws=["definite"])
def test_open(check):
    assert check.settings.max_examples == 7
    assert check.settings.backends == ("numpy",)
    assert check.settings.seed == 5

@parametrize_laws(L2(), laws=["definite"], max_examples=3, backends=["strict"])
def test_fixed(check):
    assert check.settings.max_examples == 3
    assert check.settings.backends == ("strict",)

def test_other():
    pass
""",
        "--ntr-examples=7",
        "--ntr-backends=numpy",
        "--ntr-seed=5",
        "-m",
        "ntr_law",
        "--strict-markers",
    )
    result.assert_outcomes(passed=2, deselected=1)
    result.stdout.fnmatch_lines(["ntr_spec *: max_examples 7, backends numpy, seed 5"])


@pytest.mark.parametrize(
    ("option", "message"),
    [("--ntr-backends=numpi", "*backend numpi: expected one of*"), ("--ntr-examples=0", "*--ntr-examples*")],
)
def test_bad_options_are_usage_errors(pytester, option, message):
    result = run(pytester, "def test_nothing():\n    pass\n", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_laws_work_without_the_plugin(pytester):
    pytester.makepyfile(
        HEADER
        + """
@parametrize_laws(LInf(), laws=["zero_to_zero"], max_examples=5)
def test_laws(check):
    assert check().status.name == "TESTED"
"""
    )
    pytester.runpytest_subprocess("-p", "no:ntr_spec", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_check_can_be_called_by_hand():
    evidence = LawCheck(L1(), "holder").with_options(max_examples=5)()
    assert evidence.law == "holder"
    with pytest.raises(pytest.skip.Exception, match="says nothing"):
        LawCheck(Spectral(), "strictly_convex").with_options(max_examples=5, shapes=((1, 1),))()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"subjects": L1}, "expected norms, regularizers, methods or problems, got <class"),
        ({"subjects": []}, "expected norms, regularizers, methods or problems, got none"),
        ({"subjects": [3]}, "problems, got 3"),
        ({"subjects": L1(), "laws": ["triangle"]}, "unknown law 'triangle'"),
        ({"subjects": L1(), "laws": "definite"}, "expected a list of laws"),
        ({"subjects": L1(), "expected": {"definite": " "}}, "needs a reason"),
        ({"subjects": L1(), "expected": {"triangle": "why"}}, "unknown law 'triangle'"),
        ({"subjects": L1(), "expected": {"euclidean": "why"}}, "applies to none of them"),
    ],
)
def test_bad_arguments_name_the_remedy(arguments, message):
    with pytest.raises(InputError, match=message):
        parametrize_laws(**arguments)


def test_a_test_without_arguments_is_refused():
    with pytest.raises(InputError, match="one argument"):
        parametrize_laws(L1())(lambda: None)


def test_the_plugin_loads_nothing_heavy():
    code = (
        "import sys\nimport ntr_spec.testing.plugin\n"
        "print([m for m in ('hypothesis', 'sympy', 'z3', 'torch', 'jax', 'array_api_strict') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# ---- strategies ------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(points(TopK(2)), points(Spectral(), shape=(2, 3), dtype="float32", backend="strict"), gradients(L1()))
def test_points_lie_in_the_domain(x, y, g):
    assert TopK(2)._accepts(shapes(x)) is None
    assert (y.shape, str(y.dtype)) == ((2, 3), "array_api_strict.float32")
    assert abs(g).max() < 2.0**90


@settings(max_examples=20, deadline=None)
@given(points(Product({"W": Spectral(), "b": L1()})))
def test_points_of_a_product_are_pytrees(x):
    assert set(x) == {"W", "b"}
    assert x["W"].ndim == 2


def test_points_refuse_what_the_norm_does_not_accept():
    with pytest.raises(InputError, match="expects a matrix"):
        points(Spectral(), shape=3)
    with pytest.raises(InputError, match="expected one of"):
        points(L1(), backend="numpi")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(norms(max_depth=3), norms_on((2, 3), max_depth=1))
def test_norms_are_norms(norm, other):
    assert isinstance(norm, Norm)
    assert all(leaf.size > 0 for shape in norm._shapes((1, 2)) for leaf in leaves(shape))
    assert other._accepts(Shape((2, 3))) is None
    assert eval(repr(norm), {**vars(ntr_spec.norms), **vars(ntr_spec.norms.polar)}) == norm
