"""Prints the table of docs/pages/presets.md that compares presets with installed implementations.

Run from the repository root: ``python -m docs.measure_presets``. The drivers are those of the tests.
"""

import importlib.metadata

import optax
import pytest
import pytorch_optimizer
import torch
from pytorch_optimizer.optimizer.scion import LMONorm

import ntr_spec as ntr
from ntr_spec.algorithms import presets
from ntr_spec.algorithms.presets import layers
from tests.algorithms.peers import SHAPES, optax_peer, problem, run, torch_peer, without_bfloat16, worst, written

ETA = 0.05
MATRICES = ("tall", "wide", "square")


def row(name, peer, package, single, double):
    """One line: the worst difference as shipped in float32, and with the peer's code in float64."""
    version = f"{package} {importlib.metadata.version(package)}" if package else "written out"
    shown = f"{single:.1e}" if single is not None else "–"
    print(f"| `{name}` | {peer} | {version} | {shown} | {double:.1e} |")


def torch_row(name, peer, package, method, make, shapes):
    """A torch optimizer, over several shapes."""
    single, double = 0.0, 0.0
    for shape in shapes:
        x0, gradients = problem(SHAPES.get(shape, (6,)))
        ours = run(method, x0, gradients)
        single = max(single, worst(ours, torch_peer(make, x0, gradients, torch.float32)))
        with without_bfloat16(pytest.MonkeyPatch()):
            double = max(double, worst(ours, torch_peer(make, x0, gradients)))
    row(name, peer, package, single, double)


def optax_row(name, peer, method, transform, shapes):
    """An optax transformation, over several shapes, in float64."""
    double = 0.0
    for shape in shapes:
        x0, gradients = problem(SHAPES.get(shape, (6,)))
        double = max(double, worst(run(method, x0, gradients), optax_peer(transform, x0, gradients)))
    row(name, peer, "optax", None, double)


def main():
    """All rows."""
    every = (*SHAPES, "vector")
    for flavour in presets.FLAVOURS:
        double = 0.0
        for shape in SHAPES.values():
            x0, gradients = problem(shape)
            method = presets.muon(ETA, weight_decay=0.1, flavour=flavour)
            double = max(
                double, worst(run(method, x0, gradients), written(flavour, x0, gradients, ETA, weight_decay=0.1))
            )
        row(f'muon(flavour="{flavour}")', presets.FLAVOURS[flavour].source, "", None, double)
    torch_row(
        'muon(flavour="torch")',
        "torch.optim.Muon",
        "torch",
        presets.muon(ETA, weight_decay=0.1, flavour="torch"),
        lambda p: torch.optim.Muon(p, lr=ETA, weight_decay=0.1),
        MATRICES,
    )
    torch_row(
        'muon(flavour="torch")',
        "pytorch_optimizer.Muon",
        "pytorch_optimizer",
        presets.muon(ETA, weight_decay=0.1, flavour="torch"),
        lambda p: pytorch_optimizer.Muon([{"params": p, "use_muon": True, "lr": ETA, "weight_decay": 0.1}]),
        SHAPES,
    )
    optax_row(
        'muon(flavour="optax")',
        "optax.contrib.muon",
        presets.muon(ETA, weight_decay=0.1, flavour="optax"),
        optax.contrib.muon(ETA, weight_decay=0.1),
        MATRICES,
    )
    optax_row("signum", "optax.signum", presets.signum(ETA), optax.signum(ETA), every)
    torch_row(
        "signum",
        "pytorch_optimizer.SignSGD",
        "pytorch_optimizer",
        presets.signum(ETA, weight_decay=0.1),
        lambda p: pytorch_optimizer.SignSGD(p, lr=ETA, weight_decay=0.1),
        every,
    )
    optax_row("lion", "optax.lion", presets.lion(ETA, weight_decay=0.1), optax.lion(ETA, weight_decay=0.1), every)
    torch_row(
        "lion",
        "pytorch_optimizer.Lion",
        "pytorch_optimizer",
        presets.lion(ETA, weight_decay=0.1),
        lambda p: pytorch_optimizer.Lion(p, lr=ETA, weight_decay=0.1),
        every,
    )
    chain = optax.chain(optax.ema(0.9, debias=False), optax.contrib.normalize(), optax.scale_by_learning_rate(ETA))
    optax_row("normalized_sgd", "optax.ema, contrib.normalize", presets.normalized_sgd(ETA), chain, every)
    same = ntr.polar.NewtonSchulz(eps=1e-7, guard="max", feasible=False)
    for name, norm, number, shapes in (
        ("spectral", layers.spectral(polar=same), LMONorm.SPECTRAL, MATRICES),
        ("convolution", layers.convolution(polar=same), LMONorm.SPECTRALCONV, ("kernel", "depthwise")),
        ("sign", layers.sign(), LMONorm.SIGN, MATRICES),
        ("column", layers.column(), LMONorm.COL, MATRICES),
        ("row", layers.row(), LMONorm.ROW, MATRICES),
        ("bias", layers.bias(), LMONorm.BIAS, ("vector",)),
    ):
        torch_row(
            f"scion(layers.{name}(), constrained=True)",
            f"pytorch_optimizer.SCION, {number.name}",
            "pytorch_optimizer",
            presets.scion(norm, ETA, 0.9, constrained=True),
            lambda p, number=number: pytorch_optimizer.SCION(p, ETA, 0.1, constraint=True, norm_type=number),
            shapes,
        )


if __name__ == "__main__":
    main()
