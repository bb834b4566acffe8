"""Tests of `engine.domain.till`."""
