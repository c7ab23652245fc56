"""CUDA kernels without a device: the source that CuPy makes of them, its compilation, and a run of it on the host.

``source`` asks CuPy for what it would hand to NVRTC; ``compiled`` hands it to NVRTC for an architecture of choice;
``on_host`` compiles the body as C++ and runs it on NumPy arrays.
"""

import ctypes
import functools
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np

from ntr_spec.arrays.fused import OPTIONS

ARCHITECTURES = {"80": "A100", "90": "H100, H200", "100": "B200", "120": "RTX 5090"}
COMPILER = shutil.which("g++")

HOST = """
#include <cstddef>
typedef %(kind)s T;
extern "C" void run(std::ptrdiff_t n, %(pointers)s, T* out_) {
  for (std::ptrdiff_t i = 0; i < n; i++) {
    %(entries)s
    T& out = out_[i];
    %(operation)s
  }
}
"""
_KINDS = {"float16": "_Float16", "float32": "float", "float64": "double"}


@functools.cache
def _library(kernel, dtype):
    """The kernel's body as a host function of flat arrays."""
    text = HOST % {
        "kind": _KINDS[dtype],
        "pointers": ", ".join(f"const T* {name}_, std::ptrdiff_t {name}_step" for name in kernel.arguments),
        "entries": " ".join(f"const T& {name} = {name}_[i * {name}_step];" for name in kernel.arguments),
        "operation": kernel.operation,
    }
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "kernel.cpp").write_text(text)
    # As with --fmad=false: products and sums are rounded one by one.
    flags = ["-O1", "-shared", "-fPIC", "-ffp-contract=off", "-fexcess-precision=16", "-Wall", "-Werror"]
    subprocess.run([COMPILER, *flags, "kernel.cpp", "-o", "kernel.so"], cwd=folder, check=True)
    return ctypes.CDLL(str(folder / "kernel.so")).run


def on_host(kernel, *arguments):
    """The kernel's result on NumPy arrays, by its own source."""
    arrays = [a for a in arguments if isinstance(a, np.ndarray)]
    dtypes = {a.dtype for a in arrays}
    assert len(dtypes) == 1, f"arrays of one kernel have one dtype, got {dtypes}"
    dtype, shape = dtypes.pop(), np.broadcast_shapes(*(a.shape for a in arrays))
    out = np.empty(shape, dtype)
    passed = []
    for a in arguments:
        single = not isinstance(a, np.ndarray) or a.ndim == 0
        flat = np.array(np.broadcast_to(np.asarray(a, dtype), () if single else shape)).reshape(-1)
        passed += [flat.ctypes.data_as(ctypes.c_void_p), ctypes.c_ssize_t(0 if single else 1)]
        arrays.append(flat)  # alive until the call is over
    _library(kernel, dtype.name)(ctypes.c_ssize_t(out.size), *passed, out.ctypes.data_as(ctypes.c_void_p))
    return out


def source(kernel, dtype, numbers=(), contiguous=True, axes=1):
    """What CuPy generates for arguments of this dtype, those named in ``numbers`` being Python numbers."""
    import cupy
    from cupy._core import _carray, _kernel, _scalar

    made = cupy.ElementwiseKernel(kernel.parameters, "T out", kernel.operation, kernel.name, options=OPTIONS)
    dtype = np.dtype(dtype)

    def argument(name):
        if name in numbers:
            return _kernel._ArgInfo(3, _scalar.CScalar, dtype, 0, True, True)
        return _kernel._ArgInfo(1, cupy.ndarray, dtype, axes, contiguous, True)

    arguments = [argument(name) for name in (*kernel.arguments, "out")]
    indexer = _kernel._ArgInfo(2, _carray.Indexer, None, axes, True, True)
    types = _kernel._TypeMap((("T", dtype.type),))
    return _kernel._get_elementwise_kernel_code(
        (*arguments, indexer), types, tuple(made.params), made.operation, made.name, made.preamble, "", "", OPTIONS
    )


def compiled(text, architecture, ptx=False):
    """NVRTC's output for a source of CuPy's, with the headers and options that CuPy adds."""
    from cupy._core import core
    from cupy_backends.cuda.libs import nvrtc

    headers = "".join(f"#include <{name}>\n" for name in ("cupy/complex.cuh", "cupy/carray.cuh"))
    program = nvrtc.createProgram(headers + text, "kernel.cu", (), ())
    # CuPy adds -ftz=true to every kernel.
    options = [*core.assemble_cupy_compiler_options(OPTIONS), "-ftz=true"]
    options.append(f"-arch={'compute' if ptx else 'sm'}_{architecture}")
    try:
        nvrtc.compileProgram(program, options)
    except nvrtc.NVRTCError as error:
        raise AssertionError(f"{error}\n{nvrtc.getProgramLog(program)}\n{text}") from None
    return nvrtc.getPTX(program).decode() if ptx else nvrtc.getCUBIN(program)
