"""Broken learners of the tests alone, and that the judge finds each of them out."""
