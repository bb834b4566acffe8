"""Tests of `engine.serving.offers`."""
