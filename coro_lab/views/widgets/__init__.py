"""One widget for each interaction; a widget holds a model and draws it."""
