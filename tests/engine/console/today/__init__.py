"""Tests of `engine.console.today`."""
