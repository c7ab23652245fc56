"""Measures what docs/pages/speed.md reports, on this machine: ``python docs/measure.py [--quick]``.

Ratios come from interleaved runs; medians with the spread between quartiles.
"""

import functools
import statistics
import subprocess
import sys
import time
import timeit
import tracemalloc
from collections.abc import Callable

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


def seconds(function: Callable[[], object]) -> float:
    """One call; what it returns is freed outside the clock."""
    start = time.perf_counter()
    result = function()
    spent = time.perf_counter() - start
    del result
    return spent


# How often an entry must pass between memory and processor: x, m and g are read, x₊ and m₊ written; where the LMO
# depends on all entries at once (a norm, an argmax), m₊ is read again. A copy is two passes.
PASSES = {ntr.LInf(): 5, ntr.L2(): 6, ntr.L1(): 6}


def traffic(rounds: int) -> None:
    """`update` at 10⁷ float32 against copies of the parameter, interleaved; peak memory beside the new state."""
    x = np.random.default_rng(0).standard_normal(10_000_000, dtype=np.float32)
    g = np.random.default_rng(1).standard_normal(x.size, dtype=np.float32)
    methods = {norm: ntr.TrustRegion(norm, 0.01, 0.9, 0.1) for norm in PASSES}
    states = {norm: method.update(method.init(x), g) for norm, method in methods.items()}
    ratios: dict[ntr.Norm, list[float]] = {norm: [] for norm in PASSES}
    for _ in range(rounds):
        for norm, passes in PASSES.items():
            copy = statistics.mean(seconds(x.copy) for _ in range(3))
            update = seconds(lambda norm=norm: methods[norm].update(states[norm], g))
            ratios[norm].append(update / (copy * passes / 2))
    for norm, found in ratios.items():
        tracemalloc.start()
        new = methods[norm].update(states[norm], g)
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        del new
        temporaries = (peak - kept) / x.nbytes
        print(
            f"| update, `{norm!r}`, 10⁷ float32, over {PASSES[norm]} passes | {spread(found)}×; "
            f"{temporaries:.2f} temporaries, {kept / x.nbytes:.2f} kept |"
        )


def spectral(rounds: int) -> None:
    """`update` against its LMO, interleaved."""
    for shape in ((64, 64), (512, 512)):
        x = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
        method = ntr.TrustRegion(ntr.Spectral(), 0.01, 0.9, 0.1)
        state = method.update(method.init(x), x)
        ratios = []
        for _ in range(rounds):
            lmo = seconds(lambda m=method, s=state: m.norm.lmo(s.momentum))
            ratios.append(seconds(lambda m=method, s=state, x=x: m.update(s, x)) / lmo)
        print(f"| update, `Spectral()`, {shape} float32, over its LMO | {spread(ratios)}× |")


def overhead(rounds: int) -> None:
    """Python's share of a step: `LInf`, 8 entries a block, float64."""
    samples: dict[int, list[float]] = {1: [], 2: [], 22: []}
    for _ in range(rounds):
        for blocks, found in samples.items():
            names = [f"block{k}" for k in range(blocks)]
            x = {name: np.ones(8) for name in names} if blocks > 1 else np.ones(8)
            norm = ntr.Product({name: ntr.LInf() for name in names}) if blocks > 1 else ntr.LInf()
            method = ntr.TrustRegion(norm, 0.01, 0.9, 0.1)
            state = method.update(method.init(x), x)
            step = functools.partial(method.update, state, x)
            found.append(min(timeit.repeat(step, number=1, repeat=500)) * 1e6)  # short, to fit between interruptions
    further = [(many - two) / 20 for two, many in zip(samples[2], samples[22], strict=True)]
    print(f"| update, `LInf()`, one array of 8 | {spread(samples[1])} µs |")
    print(f"| each further block | {spread(further)} µs |")


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
    traffic(rounds)
    spectral(rounds)
    overhead(rounds)
    verification(1 if rounds == 3 else 3)
