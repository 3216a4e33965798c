"""One widget per interaction; each holds a model and draws it, no more."""
