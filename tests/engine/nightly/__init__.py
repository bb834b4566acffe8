"""Tests of the night, one file for each of its modules."""
