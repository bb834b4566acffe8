"""Tests of `engine.console`."""
