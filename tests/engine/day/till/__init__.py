"""Tests of `engine.day.till`."""
