"""What is to be seen in pixels: ticks, patches, papers. Pure: arrays in, values out."""
