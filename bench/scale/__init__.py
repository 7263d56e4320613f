"""What a federation of a thousand nodes would need, worked out from what was measured on one machine."""
