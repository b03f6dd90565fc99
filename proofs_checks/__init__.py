"""The registry of claims, and the evidence on which each verdict rests.

It sees :mod:`sua_ref` and nothing of torch. A float never decides a verdict.
"""
