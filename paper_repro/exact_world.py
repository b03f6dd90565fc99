"""A world and what was decided on it, as one file: enough to decide everything again.

Probabilities are exact fractions in words, ``"3/16"``; logits are the float64 numbers themselves.
"""

from __future__ import annotations

from fractions import Fraction

from paper_repro.exact_claims import Decision
from paper_repro.reproduce import TaskRun
from paper_repro.worlds import Input

SCHEMA = "sua.world/1"


def _fractions(law: tuple[Fraction, ...]) -> list[str]:
    return [str(p) for p in law]


def _decision(method: str, d: Decision) -> dict[str, object]:
    return {
        "method": method,
        "claim": d.claim,
        "phi": d.phi,
        "lambda": None if d.lam is None else str(d.lam),
        "tau": None if d.tau is None else str(d.tau),
        "holds": d.holds,
        "fails": d.fails,
        "missed": d.missed,
        "undecided": d.undecided,
    }


def world_document(run: TaskRun) -> dict[str, object]:
    """The content of ``worlds/TASK.json``.

    ``kernel`` lists, for each input, the positions of its ball and their probabilities.
    """
    world = run.task.world
    if world is None:
        raise ValueError(f"run: {run.task.name} has no world")
    place = {entry: x for x, entry in enumerate(world.inputs)}

    def kernel(entry: Input) -> list[list[object]]:
        return [[place[there], str(share)] for there, share in entry.neighbours().items()]

    return {
        "schema": SCHEMA,
        "task": run.task.name,
        "labels": list(run.task.labels),
        "inputs": [
            {
                "texts": list(entry.texts),
                "p_x": str(p),
                "p_z": _fractions(entry.content.p_z),
                "p_y_given_z": [_fractions(law) for law in entry.content.p_y_given_z],
                "kernel": kernel(entry),
            }
            for entry, p in zip(world.inputs, world.p_x, strict=True)
        ],
        "logits": {m: e.logits.tolist() for m, e in run.examined.items()},
        "decisions": [_decision(m, d) for m, e in run.examined.items() for d in e.decisions],
    }
