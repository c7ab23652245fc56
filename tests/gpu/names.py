"""Which names of the array-API namespace code uses, read from its syntax tree.

A name counts wherever ``xp.NAME``, ``base.NAME`` or ``xp.linalg.NAME`` stands, unless a test of the library around it
says that it is another one.
"""

import ast
import json
import pathlib

ROOT = pathlib.Path(__file__).parents[2] / "ntr_spec"
HERE = pathlib.Path(__file__).parent

# What code that gets an `xp` is in; the provers have namespaces of their own.
PARTS = ("arrays", "norms", "steps", "algorithms", "problems", "laws")
_ROOTS = {"xp", "base", "_base", "asking"}
# Attributes of ntr_spec's own Namespace.
OWN = {"exact", "name", "certificates", "limits", "certifying", "same_library", "linalg", "_base"}

CUPY = json.loads((HERE / "cupy_names.json").read_text())


def files():
    return [path for part in PARTS for path in sorted((ROOT / part).rglob("*.py"))]


def used(tree):
    """(line, "NAME" or "linalg.NAME", keyword arguments or None) for each use where the library may be CuPy."""
    found = []

    def visit(node):
        if isinstance(node, ast.If | ast.IfExp) and _is_another(node.test):
            branches = node.orelse if isinstance(node.orelse, list) else [node.orelse]
            for child in (node.test, *branches):
                visit(child)
            return
        call = node if isinstance(node, ast.Call) else None
        name = _name(call.func if call else node)
        if name is not None:
            keywords = [k.arg for k in call.keywords] if call else None
            found.append((node.lineno, name, keywords))
        if call and name is not None:
            for child in (*call.args, *call.keywords):
                visit(child)
        elif name is None:
            for child in ast.iter_child_nodes(node):
                visit(child)

    visit(tree)
    return [use for use in found if use[1] not in OWN]


def _name(node):
    """``sum`` of ``xp.sum``, ``linalg.svd`` of ``xp.linalg.svd``, ``maximum.reduce`` of ``xp.maximum.reduce``."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    parts.reverse()
    for k, part in enumerate(parts[:-1]):
        if part in _ROOTS and (k == 0 or parts[0] in ("self", "cls", "xp")):
            rest = parts[k + 1 :]
            return ".".join(rest[1:] if rest[0] == "_base" and len(rest) > 1 else rest)
    return None


def _is_another(test):
    """Whether a condition holds for one other library only, such as ``xp.name == "numpy" and …``."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(_is_another, test.values))
    if isinstance(test, ast.Call) and getattr(test.func, "id", "") == "free_to_read":
        return True
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq | ast.In)):
        return False
    named = isinstance(test.left, ast.Attribute) and test.left.attr in ("name", "_name")
    right = test.comparators[0]
    wanted = [right] if isinstance(right, ast.Constant) else getattr(right, "elts", [])
    return named and bool(wanted) and all(isinstance(w, ast.Constant) and w.value != "cupy" for w in wanted)
