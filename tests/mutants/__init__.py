"""Small changes made to the engine on purpose, each of which the tests of the changed module have to see."""
