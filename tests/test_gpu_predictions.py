"""Instructions of the Triton kernels, counted in a listing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from paper_repro import gpu_predictions
from paper_repro.gpu_predictions import Count, counted

LISTING = """
.text.states:
        /*0000*/                   LDC R1, c[0x0][0x28] ;
        /*0010*/                   S2R R0, SR_TID.X ;
.L_x_1:
        /*0020*/                   FFMA R2, R2, R3, R4 ;
        /*0030*/              @!P0 FADD.FTZ R2, R2, R3 ;
        /*0040*/              @P1  BRA `(.L_x_1) ;
        /*0050*/                   EXIT ;
.L_x_2:
        /*0060*/                   BRA `(.L_x_2);
        /*0070*/                   NOP;
"""


def test_the_loop_is_the_longest_backward_branch() -> None:
    assert counted(LISTING) == Count(once=5, body=2)


def test_a_logit_costs_its_share_of_the_loop_and_of_the_rest() -> None:
    """16 labels to a thread: (5 * 96 + 96) / (6 * 16) = 6."""
    assert Count(96, 96).of_a_logit() == 6


def _table() -> dict[tuple[str, str], list[float]]:
    said = gpu_predictions.__doc__ or ""
    number = r"(\d+\.\d(?: \+ \d+\.\d)?)"
    rows = re.findall(rf"^ +(\w+) +(\w+) +{number} +{number} +\d+ %", said, flags=re.M)
    return {(kind, dtype): [float(n) for n in after.split(" + ")] for kind, dtype, _, after in rows}


def test_every_case_has_its_row() -> None:
    assert list(_table()) == [(kind, dtype) for kind, dtype, _ in gpu_predictions.CASES]


@pytest.mark.skipif(find_spec("triton") is None, reason="triton is not installed")
def test_the_kernels_cost_what_the_table_says() -> None:
    """To within a tenth: another version of the compiler orders them otherwise."""
    env = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    done = subprocess.run(
        [sys.executable, "-m", "paper_repro.gpu_predictions"],
        cwd=Path(__file__).parent.parent, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.findall(r"^(\w+) +(\w+) +([\d.+ ]+?) +instructions", done.stdout, flags=re.M)
    assert len(found) == len(gpu_predictions.CASES)
    for kind, dtype, each in found:
        numbers = [float(n) for n in each.split(" + ")]
        assert numbers == pytest.approx(_table()[kind, dtype], rel=0.1)
