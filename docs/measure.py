"""Measures what docs/pages/speed.md reports, on this machine: ``python docs/measure.py [--quick]``.

Ratios come from interleaved runs; medians with the spread between quartiles.
"""

import statistics
import subprocess
import sys
import time
import timeit

import numpy as np

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of


def spread(samples: list[float]) -> str:
    """Median and quartiles."""
    low, middle, high = statistics.quantiles(samples, n=4)
    return f"{middle:.3g} ({low:.3g}–{high:.3g})"


def imports(rounds: int) -> None:
    """Fresh interpreters, interleaved."""
    times: dict[str, list[float]] = {"numpy": [], "ntr_spec": []}
    for _ in range(rounds):
        for module, samples in times.items():
            code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
            out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            samples.append(1000 * float(out.stdout))
    ratio = statistics.median(times["ntr_spec"]) / statistics.median(times["numpy"])
    for module, samples in times.items():
        print(f"| `import {module}` | {spread(samples)} ms |")
    print(f"| ratio | {ratio:.2f} |")


def verbs(rounds: int) -> None:
    """What a public verb costs over its hook, NumPy float64, 8 entries (matrices 4×4)."""
    for norm, shape in (
        (ntr.L1(), (8,)),
        (ntr.L2(), (8,)),
        (ntr.LInf(), (8,)),
        (ntr.Lp(3), (8,)),
        (ntr.Spectral(), (4, 4)),
    ):
        x = np.random.default_rng(0).normal(size=shape)
        xp = namespace_of(x)
        pairs = {
            "norm": (lambda n=norm, x=x: n(x), lambda n=norm, x=x, xp=xp: n._value(x, xp)),
            "lmo": (lambda n=norm, x=x: n.lmo(x), lambda n=norm, x=x, xp=xp: n._lmo(x, xp)),
        }
        for verb, (public, hook) in pairs.items():
            over = []
            for _ in range(rounds):
                a, b = (min(timeit.repeat(f, number=500, repeat=3)) / 500 * 1e6 for f in (public, hook))
                over.append(a - b)
            print(f"| `{norm!r}.{verb}` over its hook | {spread(over)} µs |")


def verification(rounds: int) -> None:
    """One norm, and the whole catalogue, from the command line."""
    for words in (["L1"], ["examples/define_a_norm.py:Staircase"], ["Spectral"], []):
        totals, firsts = [], []
        for _ in range(rounds):
            start = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "ntr_spec", "verify", *words], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            process.stdout.readline()
            firsts.append(time.perf_counter() - start)
            process.stdout.read()
            process.wait()
            totals.append(time.perf_counter() - start)
        label = " ".join(words) or "(the whole catalogue)"
        print(
            f"| `ntr-spec verify {label}` | {statistics.median(totals):.1f} s, first line after {min(firsts):.1f} s |"
        )


if __name__ == "__main__":
    rounds = 3 if "--quick" in sys.argv[1:] else 15
    print("| what | median (quartiles) |\n|---|---|")
    imports(rounds)
    verbs(rounds)
    verification(1 if rounds == 3 else 3)
