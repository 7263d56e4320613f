"""One module for each thing measured, with `run(bench) -> Iterator[Line]`."""
