"""Tests of `engine.nightly.in_force`."""
