"""What a trained model says about a set of inputs and their views: all that a run leaves of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import write_whole

Array = npt.NDArray[Any]
_TYPES = {
    "labels": np.int64, "logits": np.float32, "views": np.float32, "originals": np.float32,
    "laws": np.float64, "passes": np.float32,
}  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Outputs:
    """One trained model on one test set, or on dev.

    Attributes:
        dataset: its name, once in a run.
        role: "dev", "clean", "perturbed", "ambiguous" or "shift".
        ids: of the N inputs.
        labels: ``(N,)``.
        logits: ``(N, V)``; ``-inf`` for an option that an input does not have.
        views: at the K views of each input, ``(N, K, V)``.
        originals: for ready-made pairs, at the unperturbed texts, ``(N, V)``.
        laws: p*(y|x) as annotators gave it, ``(N, V)``; a row of NaN where they did not.
        passes: under M dropout masks, ``(M, N, V)``.
    """

    dataset: str
    role: str
    ids: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    logits: npt.NDArray[np.float32]
    views: npt.NDArray[np.float32]
    originals: npt.NDArray[np.float32] | None = None
    laws: npt.NDArray[np.float64] | None = None
    passes: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        n, v = self.logits.shape
        wanted: dict[str, tuple[int | None, ...]] = {
            "labels": (n,), "logits": (n, v), "views": (n, None, v), "originals": (n, v),
            "laws": (n, v), "passes": (None, n, v),
        }  # fmt: skip
        if len(self.ids) != n:
            raise BadInputError(f"outputs of {self.dataset}: {len(self.ids)} ids for {n} rows")
        for name, shape in wanted.items():
            found = getattr(self, name)
            if found is None:
                continue
            fits = len(found.shape) == len(shape) and all(
                b is None or a == b for a, b in zip(found.shape, shape, strict=True)
            )
            if not fits or found.dtype != _TYPES[name]:
                raise BadInputError(
                    f"outputs of {self.dataset}: {name} is {found.dtype} {found.shape}"
                )


def save(path: Path, outputs: Sequence[Outputs]) -> None:
    """Write outputs, whole or not at all; equal outputs give equal bytes.

    Raises:
        BadInputError: two of one name, or a file that cannot be written.
    """
    names = [o.dataset for o in outputs]
    if len(set(names)) != len(names):
        raise BadInputError(f"{path}: two outputs of one name in {names}")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, output in enumerate(outputs):
            texts = {"dataset": [output.dataset], "role": [output.role], "ids": list(output.ids)}
            arrays: dict[str, Array | None] = {n: np.asarray(v) for n, v in texts.items()}
            arrays |= {name: getattr(output, name) for name in _TYPES}
            for name, array in arrays.items():
                if array is not None:
                    held = io.BytesIO()
                    np.lib.format.write_array(held, np.ascontiguousarray(array), allow_pickle=False)
                    # A fixed date: the time of writing is no part of the result.
                    archive.writestr(
                        zipfile.ZipInfo(f"{place}/{name}.npy", _EPOCH), held.getvalue(),
                        zipfile.ZIP_DEFLATED,
                    )  # fmt: skip
    write_whole(path, buffer.getvalue())


def load(path: Path) -> list[Outputs]:
    """Read what :func:`save` wrote.

    Raises:
        BadInputError: no such file, or a damaged one.
    """
    known = {f.name for f in fields(Outputs)}
    parts: dict[int, dict[str, Any]] = {}
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            for entry in archive.files:
                place, name = entry.split("/")
                if name not in known:
                    raise ValueError(f"an entry {entry!r}")
                parts.setdefault(int(place), {})[name] = archive[entry]
        return [_outputs(parts[place]) for place in sorted(parts)]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise BadInputError(f"{path}: no outputs can be read: {error}") from error


def _outputs(arrays: dict[str, Any]) -> Outputs:
    texts = {name: arrays.pop(name) for name in ("dataset", "role", "ids")}
    ids = tuple(str(i) for i in texts["ids"])
    return Outputs(str(texts["dataset"][0]), str(texts["role"][0]), ids, **arrays)
