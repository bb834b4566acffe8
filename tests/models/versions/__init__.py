"""Tests of `models.versions`."""
