"""Tests of `engine.store.log`."""
