"""One certificate per lemma; ``python -m proofs`` rechecks them all.

Each module is named after its lemma (see :mod:`ntr_spec.verify.lemmas`) and has one function ``proof()``
that returns the facts which make up the lemma, made by the kernel. ``HYPOTHESES`` names what they may rest
on; absent means nothing.
"""
