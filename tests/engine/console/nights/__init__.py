"""Tests of `engine.console.nights`."""
