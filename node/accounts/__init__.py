"""Who may do what on this node: accounts, sessions, tokens for programs, and the trail of what was done."""
