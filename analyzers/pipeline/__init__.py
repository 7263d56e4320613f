"""Pipelines: analyses of several steps, written as files; read and checked, never run here."""
