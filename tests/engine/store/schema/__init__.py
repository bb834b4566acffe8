"""Tests of `engine.store.schema`."""
