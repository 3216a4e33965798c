"""What a run is: a Trace, the events and lanes it is made of, and the ways to write it as text or as JSON."""
