"""Tests of `engine.nightly.guard`."""
