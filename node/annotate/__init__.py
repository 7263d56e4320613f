"""Annotations and results of others brought in, and our own given out (spec/annotations.md).

`naming` ties what a file names to images, `judging` says of each item whether it is taken, `machines` and
`people` bring in what is, and `giving` chooses what is given out.
"""
