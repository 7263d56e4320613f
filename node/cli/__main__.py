"""`python -m node.cli` is `vasculum`."""

from node.cli import main

main()
