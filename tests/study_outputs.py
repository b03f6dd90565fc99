"""Outputs as a model would leave them, drawn."""

from __future__ import annotations

import numpy as np

from paper_repro.study.outputs import Outputs


def drawn(
    seed: int, n: int = 40, v: int = 3, k: int = 15, *, options: bool = False, noise: float = 1.0,
    dataset: str = "dev", role: str = "dev", rows: int = 5,
) -> Outputs:  # fmt: skip
    """A model that knows the truth up to noise, its own at x and at every view.

    ``rows`` seeds the inputs and their labels, ``seed`` the model.
    """
    world, model = np.random.default_rng(rows), np.random.default_rng(seed)
    truth = 2 * world.normal(size=(n, v))
    absent = np.zeros((n, v), dtype=bool)
    if options:
        absent = np.arange(v) >= world.integers(2, v + 1, n)[:, None]
        absent[0] = np.arange(v) >= 2  # -inf occurs
    labels = np.where(absent, -np.inf, truth + world.gumbel(size=(n, v))).argmax(-1)
    logits = truth + noise * model.normal(size=(n, v))
    views = truth[:, None] + noise * model.normal(size=(n, k, v))
    return Outputs(
        dataset, role, tuple(f"{rows}-{i}" for i in range(n)), labels.astype(np.int64),
        np.where(absent, -np.inf, logits).astype(np.float32),
        np.where(absent[:, None], -np.inf, views).astype(np.float32),
    )  # fmt: skip
