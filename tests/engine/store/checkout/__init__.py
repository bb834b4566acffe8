"""Tests of `engine.store.checkout`."""
