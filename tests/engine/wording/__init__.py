"""Tests of `engine.wording`."""
