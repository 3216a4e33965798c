"""The state of a run as a key: equal keys mean that the runs go on alike."""
