"""What else is installed and finds polar factors or leading pairs, run as its own users run it.

None of them certifies anything: what they reach is computed afterwards, in float64, after a division by their result's
norm that they do not make.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, final

from ntr_spec.bench.contenders import Answer, Contender, Kind, Prepared
from ntr_spec.bench.places import Place

Array = Any
Function = Callable[[Array], Array]


@final
@dataclasses.dataclass(frozen=True)
class Peer(Contender):
    """A function of another package that is close to −lmo.

    Args:
        label: the function's name, as its package has it.
        library: whose arrays it takes.
        load: imports the package and returns the function; ImportError or AttributeError if it is not there.
        geometry: the norm whose LMO it finds.
        dtypes: what it takes.
        loops: whether stacks have to be looped over.
    """

    label: str
    library: str
    load: Callable[[], Function]
    geometry: str = "spectral"
    dtypes: Sequence[str] = ("float32", "float64")
    loops: bool = False

    kind: ClassVar[Kind] = "peer"

    @property
    def name(self) -> str:
        """As in the tables."""
        return self.label

    def prepared(self, x: Array, place: Place) -> Prepared:
        """The function on the whole stack, or on its matrices one by one, as its own optimizer does."""
        function = place.compiled(self.load())
        if x.ndim == 2 or not self.loops:
            return Prepared(lambda: function(x), lambda result: Answer(-result))
        parts = [x[k] for k in range(x.shape[0])]
        return Prepared(
            lambda: [function(part) for part in parts],
            lambda results: Answer(-_stacked(results, place)),
        )


def peers(geometry: str, library: str, dtype: str) -> tuple[Peer, ...]:
    """Those that take such arrays and are installed.

    >>> [peer.name for peer in peers("spectral", "numpy", "float32")]
    ['scipy.linalg.polar', 'numpy.linalg.svd']
    """
    wanted = (peer for peer in _PEERS if (peer.geometry, peer.library) == (geometry, library) and dtype in peer.dtypes)
    return tuple(peer for peer in wanted if _installed(peer))


def _installed(peer: Peer) -> bool:
    try:
        peer.load()
    except (ImportError, AttributeError):
        return False
    return True


def _stacked(results: list[Array], place: Place) -> Array:
    import numpy as np

    return np.stack([place.host(each) for each in results])


# ---- polar factors ------------------------------------------------------------------------------------------------


def _scipy_polar() -> Function:
    from scipy.linalg import polar

    return lambda x: polar(x)[0]


def _numpy_svd() -> Function:
    import numpy as np

    def factor(x: Array) -> Array:
        u, _, vh = np.linalg.svd(x, full_matrices=False)
        return u @ vh

    return factor


def _torch_muon() -> Function:
    from torch.optim._muon import DEFAULT_A, DEFAULT_B, DEFAULT_C, DEFAULT_NS_STEPS, EPS, _zeropower_via_newtonschulz

    return lambda x: _zeropower_via_newtonschulz(x, (DEFAULT_A, DEFAULT_B, DEFAULT_C), DEFAULT_NS_STEPS, EPS)


def _torch_svd() -> Function:
    import torch

    def factor(x: Array) -> Array:
        u, _, vh = torch.linalg.svd(x, full_matrices=False)
        return u @ vh

    return factor


def _optax_muon() -> Function:
    import jax
    import jax.numpy as jnp
    from optax.contrib._muon import orthogonalize_via_newton_schulz

    coefficients = jnp.asarray((3.4445, -4.7750, 2.0315))  # the default of optax.contrib.muon

    def one(x: Array) -> Array:
        return orthogonalize_via_newton_schulz(x, coefficients)

    return lambda x: one(x) if x.ndim == 2 else jax.vmap(one)(x)


def _jax_polar() -> Function:
    import jax
    from jax.scipy.linalg import polar

    def one(x: Array) -> Array:
        if x.shape[0] < x.shape[1]:  # its iteration takes tall matrices only
            return polar(x.T)[0].T
        return polar(x)[0]

    return lambda x: one(x) if x.ndim == 2 else jax.vmap(one)(x)


def _jax_svd() -> Function:
    import jax.numpy as jnp

    def factor(x: Array) -> Array:
        u, _, vh = jnp.linalg.svd(x, full_matrices=False)
        return u @ vh

    return factor


def _cupy_svd() -> Function:
    import cupy

    def factor(x: Array) -> Array:
        u, _, vh = cupy.linalg.svd(x, full_matrices=False)
        return u @ vh

    return factor


# ---- leading pairs --------------------------------------------------------------------------------------------------


def _scipy_svds() -> Function:
    import numpy as np
    from scipy.sparse.linalg import svds

    def pair(x: Array) -> Array:
        u, _, vh = svds(x, k=1, v0=np.ones(min(x.shape), dtype=x.dtype))
        return u @ vh

    return pair


def _torch_lowrank() -> Function:
    import torch

    def pair(x: Array) -> Array:
        u, _, v = torch.svd_lowrank(x)
        return u[..., :1] @ v[..., :1].mT

    return pair


_ALL = ("float32", "float64", "bfloat16", "float16")

_PEERS = (
    Peer("scipy.linalg.polar", "numpy", _scipy_polar, loops=True),
    Peer("numpy.linalg.svd", "numpy", _numpy_svd),
    Peer("torch.optim.Muon", "torch", _torch_muon, dtypes=_ALL, loops=True),
    Peer("torch.linalg.svd", "torch", _torch_svd),
    Peer("optax.contrib.muon", "jax", _optax_muon, dtypes=_ALL),
    Peer("jax.scipy.linalg.polar", "jax", _jax_polar),
    Peer("jax.numpy.linalg.svd", "jax", _jax_svd),
    Peer("cupy.linalg.svd", "cupy", _cupy_svd),
    Peer("scipy.sparse.linalg.svds", "numpy", _scipy_svds, "nuclear", loops=True),
    Peer("torch.svd_lowrank", "torch", _torch_lowrank, "nuclear"),
)
