"""Slow independent answers: suprema by ascent from many starts, vertices by enumeration."""

import itertools

import numpy as np

from ntr_spec.trees import leaves, tree_map


def dot(a, b):
    return sum(float(np.sum(p * q)) for p, q in zip(leaves(a), leaves(b), strict=True))


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in leaves(tree)])


def moved(x, t, v):
    return tree_map(lambda a, b: a + t * b, x, v)


def drawn(like, rng):
    return tree_map(lambda leaf: rng.normal(size=leaf.shape), like)


def starts(like, rng, count):
    """Normal directions, single entries and sign vectors, all of which are corners of some ball."""
    size = sum(leaf.size for leaf in leaves(like))
    for _ in range(count):
        yield drawn(like, rng)
        yield tree_map(np.sign, drawn(like, rng))
    for k in range(size):
        yield filled(np.eye(1, size, k)[0], like)
    if size <= 3:
        for s in itertools.product((1.0, -1.0), repeat=size - 1):
            yield filled(np.asarray((1.0, *s)), like)


def filled(flat, like):
    start = 0

    def part(leaf):
        nonlocal start
        start += leaf.size
        return flat[start - leaf.size : start].reshape(leaf.shape)

    return tree_map(part, like)


def ascend(norm, gradient, value, like, rng, count=4, steps=60):
    """The largest value of a convex function on the unit ball that linearising it again and again finds."""
    best = 0.0
    for start in starts(like, rng, count):
        u, reached = start, -np.inf
        for _ in range(steps):
            u = tree_map(lambda leaf: -leaf, norm.lmo(gradient(u)))
            before, reached = reached, value(u)
            if reached <= before * (1 + 1e-10):
                break
        best = max(best, reached)
    return best
