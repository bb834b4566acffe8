"""Tests of `models.pages`."""
