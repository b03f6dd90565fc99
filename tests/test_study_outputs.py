"""What a run leaves: the same bytes for the same outputs, and no damaged file read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.study.outputs import Outputs, load, save


def some(
    n: int, k: int, v: int, *, dataset: str = "snli", full: bool = True, seed: int = 0
) -> Outputs:
    rng = np.random.default_rng(seed)

    def logits(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return rng.normal(size=shape).astype(np.float32)

    return Outputs(
        dataset, "clean", tuple(f"é{i}" for i in range(n)), rng.integers(0, v, n), logits(n, v),
        logits(n, k, v), logits(n, v) if full else None, np.full((n, v), 1 / v) if full else None,
        logits(2, n, v) if full else None,
    )  # fmt: skip


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), st.booleans())
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, n: int, k: int, v: int, full: bool
) -> None:
    path = tmp_path_factory.mktemp("outputs") / "outputs.npz"
    given_outputs = [some(n, k, v, full=full), some(n, k, v, dataset="dev", seed=1)]
    save(path, given_outputs)
    first = path.read_bytes()
    found = load(path)
    for a, b in zip(given_outputs, found, strict=True):
        assert (a.dataset, a.role, a.ids) == (b.dataset, b.role, b.ids)
        for name in ("labels", "logits", "views", "originals", "laws", "passes"):
            x, y = getattr(a, name), getattr(b, name)
            assert (x is None) == (y is None)
            assert x is None or (x.dtype == y.dtype and np.array_equal(x, y))
    save(path, found)
    assert path.read_bytes() == first


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="two outputs of one name"):
        save(tmp_path / "outputs.npz", [some(2, 1, 2), some(3, 1, 2)])


def test_shapes_that_do_not_fit_are_refused() -> None:
    good = some(2, 1, 2)
    with pytest.raises(BadInputError, match=r"views is float32 \(2, 2\)"):
        Outputs("a", "dev", good.ids, good.labels, good.logits, good.logits)
    with pytest.raises(BadInputError, match="1 ids for 2 rows"):
        Outputs("a", "dev", good.ids[:1], good.labels, good.logits, good.views)
    with pytest.raises(BadInputError, match="labels is int32"):
        Outputs("a", "dev", good.ids, good.labels.astype(np.int32), good.logits, good.views)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "outputs.npz"
    with pytest.raises(BadInputError, match=r"outputs\.npz: no outputs can be read"):
        load(path)
    save(path, [some(3, 2, 2)])
    whole = path.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(BadInputError, match="no outputs can be read"):
            load(path)
