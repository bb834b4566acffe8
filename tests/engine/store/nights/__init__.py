"""Tests of `engine.store.nights`."""
