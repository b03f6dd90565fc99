"""``python -m paper_repro`` is ``sua``: what a launcher such as ``torchrun -m`` starts."""

from paper_repro.cli import main

if __name__ == "__main__":
    main()
