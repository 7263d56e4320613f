"""Networks in ONNX with a manifest: analyzers without code (docs/analyzers.md)."""
