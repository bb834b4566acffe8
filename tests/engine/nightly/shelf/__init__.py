"""Tests of `engine.nightly.shelf`."""
