"""How fast we are beside the tools that people use today. Start with `python -m bench`."""
