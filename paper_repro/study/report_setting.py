"""What a caption says of the runs behind it, and whether their models reached the floor."""

from __future__ import annotations

from paper_repro.study import report_names as names
from paper_repro.study.report_cells import Numbers
from paper_repro.tables import decimal


def where(task: str, model: str) -> str:
    """Task and model in words.

    >>> where("nli", "small")
    'NLI (three-way), small encoder from its config'
    """
    return f"{names.TASKS[task]}, {names.MODELS.get(model, model)}"


def rows(numbers: Numbers, task: str, model: str) -> str:
    """How many rows trained the models, at most, and what they are tested on."""
    runs = [run for m in numbers.methods(task, model) for run in numbers.runs(task, model, m)]
    found = sorted({int(run.config["settings"]["train_rows"]) for run in runs})
    told = " or ".join(f"{n:,}" for n in found)
    return f"at most {told} training rows, clean test {numbers.clean(task, model)}"


def setting(numbers: Numbers, task: str, model: str) -> str:
    """The beginning of a caption: task, model, scale and data."""
    said = f"{where(task, model)}. Scale {numbers.scale}, {rows(numbers, task, model)}."
    return said


def settings(numbers: Numbers) -> str:
    """The same of every task and model, for the caption of pictures of all."""
    told = "; ".join(f"{t}, {m}: {rows(numbers, t, m)}" for t, m in numbers.pairs())
    return f"Scale {numbers.scale}. {told}."


def floor(numbers: Numbers, task: str, model: str) -> tuple[str, float] | None:
    """The simple rule that a model must reach, and its accuracy on the clean test."""
    name = "the most shared words" if task == "qa" else "Naive Bayes"
    for method in numbers.methods(task, model):
        least = numbers.mean(task, model, method, numbers.clean(task, model), "floor_accuracy")
        if least is not None:
            return name, least
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
