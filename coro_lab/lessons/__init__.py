"""Exercises and their checker, predictions, common misconceptions, and a learner's progress."""
