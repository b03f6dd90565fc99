"""The experiments of section 6 on public data, and the command ``sua``."""
