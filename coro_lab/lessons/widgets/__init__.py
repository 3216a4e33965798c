"""The widgets that ask and answer a learner: exercises, Parsons problems, predictions, the map of the chapters."""
