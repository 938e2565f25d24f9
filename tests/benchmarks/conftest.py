"""Nothing here is a test: pytest collects neither tests nor doctests from the benchmarks."""

collect_ignore_glob = ["*.py"]
