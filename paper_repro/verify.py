"""What ``sua verify`` does: choose the claims, run their evidence, hold it against the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from paper_repro.bad_input import BadInputError
from paper_repro.empirical_page import page_lines
from paper_repro.verdict_lines import Line, count_lines, table_lines
from paper_repro.verdict_page import Page
from proofs_checks import demo, erratum
from proofs_checks.claim import Claim
from proofs_checks.claim_file import ClaimFileError, check_file
from proofs_checks.claims import CLAIMS, near, select
from proofs_checks.empirical_judged import committed
from proofs_checks.run import (
    Checked,
    by_kind,
    check_all,
    committed_rows,
    disagreements,
    document,
)
from proofs_checks.verdict import Verdict


class Verification:
    """One run of the command.

    Attributes:
        chosen: records of the registry, in its order of mention.
        files: files of a user's own claims.
        named: whether anything was named; if not, ``chosen`` is the whole registry.
        checked: what came of them, after :meth:`run`.
        others: what came of the claims named as true instead, by id.
        faults: what makes the exit status 1.
    """

    def __init__(self, chosen: Sequence[Claim], files: Sequence[Path], *, named: bool) -> None:
        self.chosen = chosen
        self.files = files
        self.named = named
        self.checked: list[Checked] = []
        self.others: dict[str, list[Checked]] = {}
        self.faults: list[str] = []
        self._home: dict[str, Path] = {}

    @staticmethod
    def of(words: Sequence[str]) -> Verification:
        """From the arguments of the command.

        Raises:
            BadInputError: an id is unknown; what looks like it is listed.
        """
        chosen: list[Claim] = []
        files = [Path(word) for word in words if word.endswith(".py")]
        for wanted in words:
            if wanted.endswith(".py"):
                continue
            found = select(wanted)
            if not found:
                close = near(wanted)
                hint = f"; did you mean {', '.join(close)}?" if close else ""
                raise BadInputError(f"no claim {wanted!r}{hint}")
            chosen += [c for c in found if c not in chosen]
        return Verification(chosen if words else CLAIMS, files, named=bool(words))

    def run(
        self, begin: Callable[[str, int], Callable[[int], None]], *, deep: bool, others: bool
    ) -> None:
        """Run the evidence; with ``others``, that of the claims true instead as well.

        Raises:
            BadInputError: a file is no file of claims.
        """
        for path in self.files:
            try:
                own = check_file(path, deep=deep)
            except ClaimFileError as error:
                raise BadInputError(f"{path}: {error}") from error
            self._home |= {c.claim.id: path for c in own}
            self.checked += own
            self.faults += [
                f"{c.claim.id}: {c.judgement.verdict.value} ({c.judgement.reason})"
                for c in own
                if c.judgement.verdict is Verdict.UNVERIFIED
            ]
        self.faults += [
            f"proofs_checks/runs/{name}: {reason}" for name, reason in committed().faults.items()
        ]
        done = begin("claims", len(self.chosen))
        registered = check_all(self.chosen, deep=deep, done=done)
        self.checked += registered
        if others and self.named:
            self._run_others(deep)
        self.faults += disagreements(
            [*registered, *(c for found in self.others.values() for c in found)],
            deep=deep,
            committed=committed_rows(),
        )

    def _run_others(self, deep: bool) -> None:
        ran = {c.claim.id: c for c in self.checked}
        for repair in dict.fromkeys(c.claim.repair for c in self.checked if c.claim.repair):
            claims = select(repair)
            self.others[repair] = [
                ran[c.id] if c.id in ran else check_all([c], deep=deep)[0] for c in claims
            ]

    def document(self) -> dict[str, object]:
        """For ``--json``."""
        return document(self.checked, not self.faults)

    def erratum(self) -> str:
        """For ``--tex``: on the claims named, or on those of the paper that did not hold."""
        about = self.checked if self.named else erratum.standing(self.checked)
        if not self.named:
            self.checked, kept = list(about), self.checked
            self._run_others(deep=False)
            self.checked = kept
        return erratum.document(about, self.others)

    def lines(self, width: int) -> Iterator[Line]:
        """For people: the table of everything, or the page of each claim named."""
        if not self.named:
            yield from table_lines(self.checked)
            return
        formal, empirical = by_kind([c for c in self.checked if c.claim.id not in self._home])
        own = [c for c in self.checked if c.claim.id in self._home]
        yield from Page(self.others, _replaced_by, self._where, width).lines([*own, *formal])
        yield from page_lines(empirical, width)
        yield from count_lines(self.checked)

    def _where(self, claim: Claim) -> str:
        if claim.id in self._home:
            return f"evidence {self._home[claim.id]}"
        return f"evidence proofs_checks/{claim.item}.py, tests tests/test_{claim.item}.py"


def _replaced_by(name: str) -> list[str]:
    return list(dict.fromkeys(c.id.split("@")[0] for c in CLAIMS if c.repair == name))


def run_demo(say: Callable[[str], None]) -> bool:
    """Show the two forgeries; whether both were caught."""
    forgeries = demo.forgeries()
    for forgery in forgeries:
        for line in demo.side_by_side(forgery):
            say(line)
        say("")
    caught = sum(forgery.caught for forgery in forgeries)
    say(f"{caught} of {len(forgeries)} forgeries caught.")
    return caught == len(forgeries)
