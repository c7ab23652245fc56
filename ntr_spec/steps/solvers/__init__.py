"""One solver per file; :mod:`ntr_spec.steps.table` says which pair of norm and regularizer each of them serves."""
