"""Every name that hooks, solvers and steps use of their namespace is one that CuPy's array-API namespace has.

Without a GPU this is read from the syntax tree, against the list of names in ``cupy_names.json``. Where CuPy is
installed, the list itself is compared with the library, and keyword arguments with its signatures.
"""

import ast
import inspect

import pytest

from tests.gpu.names import CUPY, ROOT, files, used

KNOWN = {*CUPY["names"], *(f"linalg.{name}" for name in CUPY["linalg"])}
FILES = files()


def strange(text):
    """Names used in a text that CuPy does not have."""
    return {name for _, name, _ in used(ast.parse(text)) if name not in KNOWN and name != "certificates.append"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_names_that_cupy_has(path):
    assert strange(path.read_text(encoding="utf-8")) == set()


def test_enough_is_seen():
    seen = {name for path in FILES for _, name, _ in used(ast.parse(path.read_text(encoding="utf-8")))}
    assert {"matmul", "where", "linalg.svd", "linalg.eigh", "cumulative_sum", "take_along_axis"} <= seen


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("xp.nonesuch(x)", {"nonesuch"}),
        ("y = f(xp.sum(xp.nonesuch(x), axis=-1))", {"nonesuch"}),
        ("xp.linalg.funm(x)", {"linalg.funm"}),
        ("self._base.linalg.funm(x)", {"linalg.funm"}),
        ("f = xp.maximum.reduce", {"maximum.reduce"}),
        ("if xp.name == 'numpy' and n:\n  xp.maximum.reduce(x)", set()),
        ("if xp.name in ('numpy', 'torch'):\n  xp.addmm(x)", set()),
        ("if xp.name in ('numpy', 'cupy'):\n  xp.addmm(x)", {"addmm"}),
        ("if xp.name == 'cupy':\n  xp.addmm(x)", {"addmm"}),
        ("if xp.name == 'torch':\n  pass\nelse:\n  xp.addmm(x)", {"addmm"}),
        ("if xp.name == 'torch' or n:\n  xp.addmm(x)", {"addmm"}),
        ("a = xp.addmm(x) if xp.name == 'torch' else xp.bmm(x)", {"bmm"}),
        ("xp.limits(x.dtype), xp.name, xp.exact, x.nonesuch", set()),
    ],
)
def test_the_reader(text, names):
    assert strange(text) == names


def test_no_operator_for_products():
    # JAX's `@` would not ask for float32 products in float32; xp.matmul does.
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lines = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.MatMult)]
        if path.relative_to(ROOT).parts[0] in ("arrays", "norms", "steps", "algorithms"):
            assert not lines, f"{path}: {lines}"


class TestBesideCuPy:
    @pytest.fixture(autouse=True)
    def _cupy(self):
        pytest.importorskip("cupy", reason="CuPy is not installed: the list of its names is not compared with it")

    def test_the_list_holds_only_what_is_there(self):
        import array_api_compat.cupy as base

        for name in {name for path in FILES for _, name, _ in used(ast.parse(path.read_text()))} & KNOWN:
            found = base
            for part in name.split("."):
                found = getattr(found, part)

    def test_keyword_arguments_are_taken(self):
        import array_api_compat.cupy as base

        checked = 0
        for path in FILES:
            for line, name, keywords in used(ast.parse(path.read_text())):
                try:
                    function = base.linalg if name.startswith("linalg.") else base
                    signature = inspect.signature(getattr(function, name.rpartition(".")[2]))
                except (AttributeError, ValueError, TypeError):  # certificates.append; ufuncs say nothing of themselves
                    continue
                wild = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
                for keyword in keywords or ():
                    if keyword is not None and not wild:
                        assert keyword in signature.parameters, f"{path}:{line}: {name}({keyword}=…)"
                        checked += 1
        assert checked > 50
