"""Whole ways through the product, as its users go them, through commands and HTTP."""
