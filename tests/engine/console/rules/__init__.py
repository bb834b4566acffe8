"""Tests of `engine.console.rules`."""
