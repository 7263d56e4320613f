"""Signing in, the own account, and accounts for operators; the guard before what not everybody may do."""
