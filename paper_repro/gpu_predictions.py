"""What the Triton kernels cost in instructions, counted without a GPU; so, a prediction of speed.

``python -m paper_repro.gpu_predictions`` compiles them for compute capability 9.0 (H100, H200),
disassembles them and prints the table below again. It needs triton, not CUDA.

A kernel's loop over the K perturbations is one backward branch; all else is straight code. With
``body`` instructions in the loop, ``once`` outside, and E labels to a thread, K + 1 logits cost a
thread ``(K body + once) / ((K + 1) E)`` instructions each. An SM issues 128 a clock (4 schedulers,
32 lanes), an H100 SXM 132 x 128 x 1.755 GHz = 3.0e13 a second, and its memory moves 3.35e12 bytes:
an instruction-bound kernel reaches the share (3.0e13 / instructions) x bytes / 3.35e12 of that.

Predictions for V a multiple of 16, K = 5, tiles of 4096 on 8 warps; **not measurements**. JSD and
TV run two kernels over the logits: ``states + shares``, the second from the second-level cache.
Before: the exponential a polynomial of degree 7, longer series elsewhere, and a select at every
impossible label.

    ========  ====  ===================  ==================  ==================
    quantity  type  instructions before  instructions after  share of bandwidth
    ========  ====  ===================  ==================  ==================
    kl        bf16  72.6                 59.3                30 % (was 24 %)
    jsd       bf16  63.5 + 89.6          48.9 + 65.7         15 % (was 12 %)
    tv        bf16  63.5 + 52.1          48.9 + 41.0         20 % (was 15 %)
    kl        fp32  84.2                 73.5                48 % (was 42 %)
    kl        fp64  141.3                144.1               49 % (was 50 %)
    ========  ====  ===================  ==================  ==================

What is not in them: latency (139 registers leave one program of kl in bf16 to an SM); that float64
issues at half the rate, so that 25 % is the most there. The goal of 85 % in bf16 leaves 21
instructions for a logit. The largest part left of kl is what y's own normaliser costs (maximum,
exponential, two sums: about 20). A form that centres z at E_p z needs none of it, at the price of
one sum more and of a way round an e^z that overflows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

K, TILE, WARPS = 5, 4096, 8
ISSUED = 132 * 128 * 1.755e9
"""Instructions of a lane per second."""
BANDWIDTH = 3.35e12
CASES = [
    ("kl", "bf16", ("states",)),
    ("jsd", "bf16", ("states", "shares")),
    ("tv", "bf16", ("states", "shares")),
    ("kl", "fp32", ("states",)),
    ("kl", "fp64", ("states",)),
]
_BYTES = {"bf16": 2, "fp32": 4, "fp64": 8}
_INSTRUCTION = re.compile(r"\s+(?:/\*[0-9a-f]+\*/)?\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)")
_LABEL = re.compile(r"\s*(\.L_x_\d+):")


class Count(NamedTuple):
    """Instructions of a kernel: outside its loop, and in it."""

    once: int
    body: int

    def of_a_logit(self, k: int = K, tile: int = TILE, warps: int = WARPS) -> float:
        """Instructions of a lane for each logit."""
        return (k * self.body + self.once) / ((k + 1) * tile / (32 * warps))


def counted(listing: str) -> Count:
    """The count of a listing by ``nvdisasm``: the loop is the longest backward branch."""
    labels: dict[str, int] = {}
    n, loops = 0, [0]
    for line in listing.splitlines():
        label = _LABEL.match(line)
        if label:
            labels[label.group(1)] = n
            continue
        found = _INSTRUCTION.match(line)
        if found is None or found.group(1) == "NOP":
            continue
        target = re.search(r"\.L_x_\d+", line)
        if found.group(1).startswith("BRA") and target and target.group(0) in labels:
            loops.append(n - labels[target.group(0)])
        n += 1
    return Count(n - max(loops), max(loops))


def compiled(kernel: Any, kind: str, dtype: str) -> bytes:
    """The machine code of a kernel of :mod:`sua_gpu.triton_forward` for an H100."""
    import triton
    import triton.language as tl
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    wide = tl.float64 if dtype == "fp64" else tl.float32
    known = {
        "K": K, "KIND": kind, "NARROW": dtype == "bf16", "DTYPE": wide, "ROWS": 1, "BLOCK": TILE,
        "mask": None, "at_x": None, "at_y": None,
    }  # fmt: skip
    types = {"x": f"*{dtype}", "y": f"*{dtype}", "n": "i32", "v": "i32", "tiles": "i32"}
    names = list(kernel.arg_names)
    other = "*fp64" if dtype == "fp64" else "*fp32"
    signature = {a: "constexpr" if a in known else types.get(a, other) for a in names}
    constants = {(names.index(a),): value for a, value in known.items() if a in names}
    sixteen = [i for i, a in enumerate(names) if signature[a].startswith("*") or a == "v"]
    source = ASTSource(
        kernel, signature, constexprs=constants,
        attrs={(i,): [["tt.divisibility", 16]] for i in sixteen},
    )  # fmt: skip
    made = triton.compile(source, target=GPUTarget("cuda", 90, 32), options={"num_warps": WARPS})
    return bytes(made.asm["cubin"])


def disassembled(code: bytes) -> str:
    """The listing of machine code, by the ``nvdisasm`` that triton brings along."""
    found = find_spec("triton")
    assert found is not None
    assert found.origin is not None
    tool = Path(found.origin).parent / "backends" / "nvidia" / "bin" / "nvdisasm"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.cubin"
        path.write_bytes(code)
        done = subprocess.run([tool, "-c", path], capture_output=True, text=True, check=True)
    return done.stdout


def predictions() -> Iterator[tuple[str, str, list[float], float]]:
    """Quantity, type, instructions of each kernel per logit, predicted share of the bandwidth."""
    from sua_gpu import triton_forward

    for kind, dtype, kernels in CASES:
        counts = [
            counted(disassembled(compiled(getattr(triton_forward, name), kind, dtype)))
            for name in kernels
        ]
        each = [count.of_a_logit() for count in counts]
        yield kind, dtype, each, ISSUED / sum(each) * _BYTES[dtype] / BANDWIDTH


def main() -> int:
    """Print the table; the status is 2 where there is no compiler."""
    if find_spec("triton") is None or os.environ.get("TRITON_INTERPRET") == "1":
        print("nothing to count: triton is not installed, or interprets")  # noqa: T201
        return 2
    for kind, dtype, each, share in predictions():
        cost = " + ".join(f"{one:.1f}" for one in each)
        print(f"{kind:4} {dtype}  {cost:13} instructions a logit  {share:.0%} predicted")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
