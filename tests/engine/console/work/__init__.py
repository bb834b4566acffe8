"""Tests of `engine.console.work`."""
