"""Tests of the HTTP side, through the application without a network."""
