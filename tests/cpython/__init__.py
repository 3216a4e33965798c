"""CPython's own tests of generators and coroutines, run alone and recorded."""
