"""How the report calls tasks, models, methods and scores, and in what order it shows them."""

from __future__ import annotations

from collections.abc import Iterable

TASKS = {"qa": "QA (choose the sentence)", "nli": "NLI (three-way)", "topic": "Topic (four-way)"}
MODELS = {"small": "small encoder from its config", "minilm": "MiniLM, pretrained"}
ROLES = {"clean": "clean", "perturbed": "adversarial pairs", "ambiguous": "ambiguous",
         "shift": "shift", "dev": "dev"}  # fmt: skip
METHODS = {
    "standard": "Standard",
    "at": "AT",
    "temp_scale": "Temp. Scale",
    "label_smoothing": "Label smoothing",
    "r_drop": "R-Drop",
    "mc_dropout": "MC dropout",
    "ensemble": "Ensemble",
    "sua_tr": "SUA-TR",
    "certified": "Certified sign",
    "no_align": "without L_align",
    "no_cons": "without L_cons",
    "adv_only": "Adv-only",
    "para_only": "Para-only",
    "tokens_only": "Tokens-only",
    "k3": "K = 3",
    "k10": "K = 10",
}
SCORES = {
    "entropy": "H",
    "max_probability": "1 - max p",
    "margin": "margin",
    "self_consistency": "self-consistency",
    "sensitivity": "S",
    "additive": "e + 2S (additive)",
    "s_plus_mu_h": "S + mu H",
    "product": "e x S",
    "rank_sum": "rank sum of e and S",
    "mean_views": "1 - max mean",
    "mean_views_entropy": "H of mean",
    "mutual_information": "mutual information",
    "sua_kl@dev": "SUA by KL, lambda from dev",
    "sua@1": "SUA, lambda 1",
    "sua": "SUA, lambda 1",
}
"""``e`` is one minus the largest probability, "mean" the average over the K views."""


def method(name: str) -> str:
    """A method's title.

    >>> method("lam_0.25")
    'training lambda 0.25'
    """
    if name.startswith("lam_"):
        return f"training lambda {name.removeprefix('lam_')}"
    return METHODS.get(name, name)


def score(name: str) -> str:
    """A score's title.

    >>> score("sua@-0.5")
    'SUA, lambda -0.5'
    """
    if name.startswith("sua@"):
        return f"SUA, lambda {name.removeprefix('sua@')}"
    return SCORES.get(name, name)


def lam(name: str) -> float | None:
    """The lambda of a SUA score; None for another.

    >>> lam("sua@-0.5"), lam("entropy")
    (-0.5, None)
    """
    return float(name.removeprefix("sua@")) if name.startswith("sua@") else None


def rivals(names: Iterable[str]) -> list[str]:
    """Scores in the order of the tables, SUA at lambda 1 last; its other lambdas are left out.

    >>> rivals(["sua@1", "new", "margin", "sua@2", "entropy"])
    ['entropy', 'margin', 'new', 'sua@1']
    """
    found = [n for n in names if lam(n) in (None, 1)]
    order = [n for n in SCORES if n in found and n != "sua@1"]
    fresh = sorted(n for n in found if n not in SCORES)
    return order + fresh + [n for n in found if n == "sua@1"]
