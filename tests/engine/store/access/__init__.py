"""Tests of `engine.store.access`."""
