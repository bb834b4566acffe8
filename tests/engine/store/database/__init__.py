"""Tests of `engine.store.database`."""
