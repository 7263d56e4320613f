"""One module for each format; each holds its exporter under the name EXPORTER."""
