"""Laws that hold for every input, checked by Hypothesis."""
