"""Functions that can be switched from outside, between any two of their operations."""
