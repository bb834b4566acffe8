"""Tests of `engine.nightly.choosing`."""
