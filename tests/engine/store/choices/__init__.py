"""Tests of `engine.store.choices`."""
