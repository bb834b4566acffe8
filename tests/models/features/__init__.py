"""Tests of `models.features`."""
