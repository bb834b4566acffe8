"""Tests of `engine`, one folder for each of its parts."""
