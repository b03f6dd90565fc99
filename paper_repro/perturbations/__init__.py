"""Perturbation distributions (section 5.3): what proposes a changed text, what it must satisfy, and
a record of every draw."""
