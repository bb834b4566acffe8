"""Tests of what happens between two nights."""
