"""The parts of the GPU check that a CPU can run."""

from __future__ import annotations

import pytest
import torch

from paper_repro import gpu_check
from sua_gpu import slopes
from sua_gpu.stats import Stats


class _Torch:
    """The torch form as a backend, off by a factor."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def forward(self, x: torch.Tensor, y: torch.Tensor, kind: str) -> Stats:
        value, _, _ = gpu_check.truth(x, y, kind)
        entropy = slopes.entropy(x.double())
        return Stats(self.factor * value, entropy, x.amax(-1), entropy, None)

    def backward(
        self, x: torch.Tensor, y: torch.Tensor, kind: str, **_: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return gpu_check.truth(x, y, kind)[1:]


@pytest.mark.parametrize(("factor", "ok"), [(1.0, True), (1 + 3e-5, False), (torch.nan, False)])
def test_a_wrong_value_is_seen(factor: float, ok: bool) -> None:
    lines = gpu_check.check(_Torch(factor), 3, 2, 7, 0, "cpu")
    assert [line["ok"] for line in lines] == [ok] * 4


@pytest.mark.parametrize("kind", gpu_check.KINDS)
def test_the_textbook_rival_computes_the_same_quantity(kind: str) -> None:
    x, y = gpu_check.rows(2, 3, 11, 0, torch.float32, "cpu")
    far = y + torch.linspace(-1, 1, 11)
    value, entropy = gpu_check.eager(x, far, kind)
    assert torch.allclose(value.double(), gpu_check.truth(x, far, kind)[0], rtol=1e-3)
    assert torch.allclose(entropy.double(), slopes.entropy(x.double()), rtol=1e-3)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_the_status_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert gpu_check.main([]) == 2
    assert "no CUDA" in capsys.readouterr().out
