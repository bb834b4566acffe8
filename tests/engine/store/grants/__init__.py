"""Tests of `engine.store.grants`."""
