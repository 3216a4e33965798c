"""What teaches: the exercises and their checker, predictions, common mistakes, and a learner's progress."""
