"""Tests of `models.tables`."""
