"""Measurements on this machine: what a switch costs, and what many cores gain. Nothing here draws."""
