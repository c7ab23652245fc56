"""What every experiment owes, whatever its question."""

import json

from ntr_spec.experiments import failed


def small_rows(experiment, seed=0):
    """The rows of the small size."""
    return [experiment.run(task) for task in experiment.tasks("small", seed)]


def check_experiment(experiment, rows, path):
    """Tasks and rows are JSON, rows functions of tasks, columns name what rows have, claims hold, a plot is drawn."""
    for size in ("small", "full"):
        tasks = experiment.tasks(size, 0)
        assert tasks == experiment.tasks(size, 0)
        assert json.loads(json.dumps(tasks)) == tasks
        keys = [json.dumps(task, sort_keys=True) for task in tasks]
        assert len(set(keys)) == len(keys), "a task is there twice"
    assert experiment.tasks("small", 0) != experiment.tasks("small", 1)
    tasks = experiment.tasks("small", 0)
    for index in (0, len(tasks) - 1):
        assert experiment.run(json.loads(json.dumps(tasks[index]))) == rows[index]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert {name for row in rows for name in row} >= set(experiment.columns)
    summary = experiment.summary(rows)
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["claims"]
    assert failed(summary) == []
    experiment.plot(rows, path)
    assert b"<svg" in path.read_bytes()[:1000]


def altered(rows, change, **where):
    """The rows with a change to those that agree with ``where``; there must be some."""
    chosen = [all(row.get(name) == value for name, value in where.items()) for row in rows]
    assert any(chosen)
    return [{**row, **change(row)} if hit else row for row, hit in zip(rows, chosen, strict=True)]
