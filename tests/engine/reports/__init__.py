"""Tests of the reports that managers ask for."""
