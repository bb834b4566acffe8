"""Tests of `engine.nightly.publishing`."""
