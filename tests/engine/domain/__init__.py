"""Tests of the rules, in pure Python."""
