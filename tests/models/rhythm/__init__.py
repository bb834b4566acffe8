"""Tests of `models.rhythm`."""
