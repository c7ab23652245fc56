"""Imports go downward only, and importing the package imports no prover, tester or other array library."""

import ast
import pathlib
import subprocess
import sys
import tomllib

import pytest

import ntr_spec

ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT / "ntr_spec"

# What may import what: a module may import from layers of its own number or less. Pictures are drawn by the reports, so
# `plotting` (which needs norms only) lies below `verify`.
LAYERS = {
    "errors": 0,
    "version": 0,
    "typed": 0,
    "processes": 0,
    "blocks": 0,
    "trees": 0,
    "arrays": 0,
    "norms": 1,
    "steps": 2,
    "algorithms": 3,
    "problems": 4,
    "theory": 4,
    "laws": 4,
    "plotting": 5,
    "verify": 6,
    "bench": 6,
    "experiments": 6,
    "curves": 6,
    "": 7,  # ntr_spec/__init__.py itself
    "testing": 8,
    "cli": 8,
    "__main__": 9,
}
HEAVY = ("sympy", "z3", "hypothesis", "torch", "jax", "cupy", "matplotlib", "loky", "cloudpickle", "rich", "typer")

BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"{name} was imported")
sys.meta_path.insert(0, Blocker())
import numpy as np
import ntr_spec as ntr
x = np.array([3.0, -4.0])
assert float(ntr.L1()(x)) == 7.0 and float(ntr.L1().dual(x)) == 4.0
assert ntr.L2().lmo(x).tolist() == [-0.6, 0.8] and ntr.L1().project(x, 1.0).tolist() == [0.0, -1.0]
assert float(ntr.Spectral()(np.diag(x))) == 4.0 and ntr.LInf().rho(4) == 2.0
method = ntr.presets.signum(0.5)
state = method.update(method.init(x), x)
assert state.x.tolist() == [2.5, -3.5]
method = ntr.TrustRegion(ntr.Spectral(), 0.5, regularizer=ntr.Ridge(1.0))
state = method.update(method.init(np.diag(x)), np.diag(x))
plan = ntr.theory.T2.plan(ntr.theory.Constants(L=1.0, rho=1.0, sigma=0.1, delta0=1.0), eps=1.0)
assert plan.steps == 128
assert "ntr_spec.verify" not in sys.modules
print("fine")
"""


def layer(module):
    top = module.removeprefix("ntr_spec").lstrip(".").partition(".")[0]
    return LAYERS[top]


def names(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path):
    """Every module that a file imports, at any depth, save for type checking only."""
    found = []

    def visit(node):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                inner = ROOT.joinpath(*(node.module or "").split("."), alias.name)
                is_module = inner.is_dir() or inner.with_suffix(".py").exists()
                found.append(f"{node.module}.{alias.name}" if is_module else node.module)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_top_level_module_has_a_layer():
    assert {names(path).removeprefix("ntr_spec").lstrip(".").partition(".")[0] for path in FILES} == set(LAYERS)


@pytest.mark.parametrize("path", FILES, ids=names)
def test_imports_go_downward(path):
    mine = layer(names(path))
    for module in imports(path):
        if module.partition(".")[0] == "ntr_spec":
            assert layer(module) <= mine, f"{names(path)} (layer {mine}) imports {module} (layer {layer(module)})"


@pytest.mark.parametrize("path", [p for p in FILES if 0 <= layer(names(p)) <= 5], ids=names)
def test_lower_layers_name_no_prover_and_no_tester(path):
    heads = {module.partition(".")[0] for module in imports(path)}
    # A theorem states itself in symbols when asked to; its numbers need none, which the next test but one asserts.
    allowed = {"sympy"} if names(path).startswith("ntr_spec.theory.") else set()
    assert not (heads - allowed) & set(HEAVY)


def test_the_import_reader_sees_inner_imports():
    assert "sympy" in {m.partition(".")[0] for p in FILES if layer(names(p)) == 6 for m in imports(p)}
    assert any("ntr_spec.norms.catalogue" in imports(p) for p in FILES if layer(names(p)) == 8)


def run_python(code):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )


def test_norms_work_where_nothing_but_numpy_can_be_imported():
    done = run_python(BLOCKER.replace("BLOCKED", repr((*HEAVY, "sklearn", "scipy"))))
    assert (done.stdout, done.stderr) == ("fine\n", "")


def test_the_blocker_blocks():
    done = run_python(BLOCKER.replace("BLOCKED", repr((*HEAVY, "array_api_compat"))))
    assert "array_api_compat.numpy was imported" in done.stderr or "array_api_compat was imported" in done.stderr


def test_lazy_names_are_there_and_unknown_ones_are_named():
    for name in ntr_spec.__all__:
        assert getattr(ntr_spec, name) is not None
        assert name in dir(ntr_spec)
    with pytest.raises(AttributeError, match="no attribute 'verfy'"):
        ntr_spec.verfy  # noqa: B018


def test_the_version_is_that_of_the_project_file():
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["version"] == ntr_spec.__version__
