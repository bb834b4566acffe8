"""Tests of how a night is watched: log lines, metrics and the report."""
