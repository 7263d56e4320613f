"""What belongs together: table schemas, canonical rows, segments, citation formats."""
