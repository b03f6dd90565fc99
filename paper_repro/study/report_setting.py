"""What a table's caption says of its runs, and whether its models reached the floor."""

from __future__ import annotations

from paper_repro.study import report_names as names
from paper_repro.study.report_cells import Numbers
from paper_repro.tables import decimal


def setting(numbers: Numbers, task: str, model: str) -> str:
    """Scale and data in words, from the configurations of the runs."""
    runs = [run for m in numbers.methods(task, model) for run in numbers.runs(task, model, m)]
    scales = sorted({str(run.config["scale"]) for run in runs})
    rows = sorted({int(run.config["train_rows"]) for run in runs})
    tests = ", ".join(
        f"{t.dataset} ({names.ROLES[t.role]})" for t in numbers.tests(task, model, "clean")
    )
    trained = " or ".join(f"{n:,}" for n in rows)
    return f"Scale {' and '.join(scales)}, at most {trained} training rows, tested on {tests}."


def floor(numbers: Numbers, task: str, model: str) -> tuple[str, float] | None:
    """The simple rule that a model must reach, and its accuracy on the clean test."""
    for method in numbers.methods(task, model):
        for run in numbers.runs(task, model, method):
            found = run.result.get("floor")
            if found is not None:
                return str(found["name"]), float(found["accuracy"])
    return None


def below(numbers: Numbers, task: str, model: str, method: str) -> str:
    """What is said of a method that did not reach the floor; empty where it did."""
    rule, clean = floor(numbers, task, model), numbers.clean(task, model)
    if rule is None or clean is None:
        return ""
    name, least = rule
    reached = numbers.mean(task, model, method, clean, "accuracy")
    if reached is None or reached >= least:
        return ""
    return (
        f"BELOW {name.upper()} (accuracy {decimal(reached)}, {name} {decimal(least)}): no "
        "conclusion is drawn from it"
    )
