"""The experiments of section 6 at a named scale: tasks, runs, numbers, report."""
