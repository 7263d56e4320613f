"""One installation: configuration, index, policy, tracking and the command line."""
