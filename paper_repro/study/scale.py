"""How large a study is: its runs, the most valuable first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from paper_repro.bad_input import BadInputError
from paper_repro.study.settings import METHODS, MINILM, SMALL, Settings

CORE = ("standard", "sua_tr", "at", "certified")
RIVALS = ("label_smoothing", "r_drop", "no_align", "no_cons")
SOURCES = ("tokens_only", "para_only", "adv_only", "k3", "k10")
"""Table 3 and appendix B.2: on QA, as in the paper."""
LAMBDAS = tuple(name for name in METHODS if name.startswith("lam_"))
"""Appendix B.3: on NLI, as in the paper."""


@dataclass(frozen=True)
class Scale:
    """A study by name.

    Attributes:
        name: "quick", "standard" or "paper".
        seeds: how many.
        settings: of each model and task, but for method and seed.
        blocks: (model, task, methods, seeds at most), in the order of their value.
    """

    name: str
    seeds: int
    settings: Mapping[tuple[str, str], Mapping[str, object]]
    blocks: Sequence[tuple[str, str, Sequence[str], int]]

    def runs(
        self,
        tasks: Sequence[str] | None = None,
        methods: Sequence[str] | None = None,
        seeds: int | None = None,
    ) -> Iterator[Settings]:
        """The runs, each once, in the order of their value; those named where names are given.

        Raises:
            BadInputError: a name that the scale does not have, or no seed.
        """
        known = {"tasks": {t for _, t in self.settings}, "methods": set(METHODS)}
        for what, names in (("tasks", tasks), ("methods", methods)):
            for name in names or ():
                if name not in known[what]:
                    raise BadInputError(
                        f"--{what}: {name!r} is none of {', '.join(sorted(known[what]))}"
                    )
        if seeds is not None and seeds < 1:
            raise BadInputError(f"--seeds: {seeds}; at least 1 wanted")
        for model, task, names, most in self.blocks:
            count = min(self.seeds if seeds is None else seeds, most)
            if tasks is None or task in tasks:
                for seed in range(count):
                    for method in names:
                        if methods is None or method in methods:
                            fixed = dict(self.settings[model, task])
                            yield Settings(task=task, method=method, seed=seed, **fixed)  # type: ignore[arg-type]


_SMALL: dict[tuple[str, str], Mapping[str, object]] = {
    (SMALL, "nli"): {"epochs": 6, "max_tokens": 48, "word_dropout": 0.05},
    (SMALL, "topic"): {"epochs": 6, "max_tokens": 64, "word_dropout": 0.3, "learning_rate": 2e-3},
    (SMALL, "qa"): {"epochs": 3, "max_tokens": 48, "batch_size": 16},
}
_MINILM: Mapping[str, object] = {
    "model": MINILM, "train_rows": 6000, "epochs": 2, "k": 3, "max_tokens": 64,
    "learning_rate": 1e-4, "radius": 1.0,
}  # fmt: skip
_GPU: Mapping[str, object] = {
    **_MINILM, "train_rows": 20000, "test_rows": 2000, "all_sets": True, "epochs": 3, "k": 5,
    "draws": 3,
}  # fmt: skip
_PAPER: Mapping[str, object] = {
    **_GPU, "model": "google-bert/bert-base-uncased",
    "revision": "86b5e0934494bd15c9632b12f734a8a67f723594", "train_rows": 40000,
    "max_tokens": 128, "learning_rate": 3e-5,
}  # fmt: skip
_BERT = str(_PAPER["model"])
_TASKS = ("nli", "topic", "qa")


def _grid(model: str, most: int) -> list[tuple[str, str, Sequence[str], int]]:
    return [
        *((model, task, CORE, most) for task in _TASKS),
        *((model, task, RIVALS, most) for task in _TASKS),
        (model, "qa", SOURCES, most),
        (model, "nli", LAMBDAS, most),
    ]


_THREE = ("standard", "sua_tr", "certified")
_SMALL_GRID = _grid(SMALL, 3)
SCALES = {
    "quick": Scale(
        "quick",
        3,
        _SMALL | {(MINILM, task): _MINILM for task in ("nli", "topic")},
        [
            *_SMALL_GRID[:3],
            (MINILM, "nli", _THREE, 1),
            *_SMALL_GRID[3:6],
            (MINILM, "nli", _THREE, 3),
            (MINILM, "topic", _THREE, 1),
            *_SMALL_GRID[6:],
        ],
    ),
    "standard": Scale("standard", 5, {(MINILM, task): _GPU for task in _TASKS}, _grid(MINILM, 5)),
    "paper": Scale("paper", 5, {(_BERT, task): _PAPER for task in _TASKS}, _grid(_BERT, 5)),
}
"""``quick``: two cores, at most five hours in all. ``standard`` and ``paper``: a GPU."""


def scale_named(name: str) -> Scale:
    """A scale.

    Raises:
        BadInputError: an unknown name.
    """
    if name not in SCALES:
        raise BadInputError(f"--scale: {name!r} is none of {', '.join(SCALES)}")
    return SCALES[name]


def of_model(scale: Scale, model: str) -> Scale:
    """The scale with another pretrained model: a local folder or a hub id."""
    changed = {
        (m if m == SMALL else model, task): {**fixed, "model": model, "revision": None}
        if m != SMALL
        else fixed
        for (m, task), fixed in scale.settings.items()
    }
    blocks = [
        (m if m == SMALL else model, task, methods, most) for m, task, methods, most in scale.blocks
    ]
    return dataclasses.replace(scale, settings=changed, blocks=blocks)
