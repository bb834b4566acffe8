"""Tests of `engine.console.frame`."""
