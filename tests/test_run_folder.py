"""A run's folder survives kills, full disks, damage and other configurations."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.run_folder import RunFolder, canonical, write_whole

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_one_configuration_has_one_spelling(config: dict[str, Any]) -> None:
    backwards = dict(reversed(list(config.items())))
    assert canonical(config) == canonical(backwards)


def test_what_is_saved_is_loaded_and_goes_when_the_run_is_done(tmp_path: Path) -> None:
    run = RunFolder(tmp_path, "nli-0", {"seed": 0})
    assert run.load() is None
    assert run.result is None
    run.save({"step": 3, "weights": {"w": torch.arange(4.0)}})
    again = RunFolder(tmp_path, "nli-0", {"seed": 0})
    state = again.load()
    assert state is not None
    assert state["step"] == 3
    assert torch.equal(state["weights"]["w"], torch.arange(4.0))
    again.finish({"accuracy": 0.5})
    assert again.load() is None
    assert RunFolder(tmp_path, "nli-0", {"seed": 0}).result == {
        "accuracy": 0.5, "config": run.digest,
    }  # fmt: skip
    assert sorted(p.name for p in run.path.iterdir()) == ["config.json", "result.json"]


def test_other_configurations_have_other_folders(tmp_path: Path) -> None:
    paths = {RunFolder(tmp_path, "nli", {"seed": seed}).path for seed in range(5)}
    assert len(paths) == 5


def test_a_folder_of_another_configuration_is_refused(tmp_path: Path) -> None:
    run = RunFolder(tmp_path, "nli", {"seed": 0})
    (run.path / "config.json").write_bytes(canonical({"seed": 1}))
    with pytest.raises(BadInputError, match="is not the configuration asked for"):
        RunFolder(tmp_path, "nli", {"seed": 0})
    other = RunFolder(tmp_path, "nli", {"seed": 2})
    other.finish({})
    (other.path / "result.json").write_bytes(canonical({"config": run.digest}))
    with pytest.raises(BadInputError, match="belongs to another configuration"):
        _ = other.result


@pytest.mark.parametrize("damage", [b"", b"{", b"\x80\x04"])
def test_damage_is_named(tmp_path: Path, damage: bytes) -> None:
    run = RunFolder(tmp_path, "nli", {})
    run.save({"step": 1})
    (run.path / "state.pt").write_bytes(damage)
    with pytest.raises(BadInputError, match=r"state\.pt: cannot be read"):
        run.load()
    (run.path / "result.json").write_bytes(damage)
    with pytest.raises(BadInputError, match=r"result\.json"):
        _ = run.result


def test_a_full_disk_leaves_the_state_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(tmp_path, "nli", {})
    run.save({"step": 1})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInputError, match="No space left on device"):
        run.save({"step": 2})
    monkeypatch.undo()
    assert run.load() == {"step": 1}
    assert not list(run.path.glob("*.partial"))


_WRITER = """
import sys, itertools
from pathlib import Path
from paper_repro.run_folder import write_whole
path = Path(sys.argv[1])
for i in itertools.count():
    write_whole(path, bytes([i % 251]) * 2_000_000)
    print(i, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "state"
    root = str(Path(__file__).parents[1])
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert writer.stdout is not None
    assert writer.stdout.readline() == "0\n"  # it is in the loop
    for wait in (0.003, 0.007, 0.011):
        time.sleep(wait)
        content = path.read_bytes()
        assert len(content) == 2_000_000
        assert len(set(content)) == 1
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    content = path.read_bytes()
    assert len(content) == 2_000_000
    assert len(set(content)) == 1
    write_whole(path, b"next")  # a partial file left behind is no obstacle
    assert path.read_bytes() == b"next"
