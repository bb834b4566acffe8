"""Tests of the programme: what a file may say and what it is refused for."""
