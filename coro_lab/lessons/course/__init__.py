"""Exercises: the checker, and one module for each notebook.

How to write one. Open the module of the notebook, `exNN_topic.py`, and add to its `EXERCISES` an

    Exercise(
        name="echo",                       # one word; the notebook's cell begins with %%check echo
        task="**Change one line.** ...",   # the notebook shows the same text above that cell
        starter=\"\"\" ... \"\"\",               # and the same code in it
        solution=\"\"\" ... \"\"\",
        check=check_echo,                  # runs the answer; raises NotYet with a reason, or returns
        hints=("a nudge", "the idea", "nearly everything"),
        mistakes=(Mistake(\"\"\" ... \"\"\", "what to say to it"), ...),
    )

The check is a function that asks the answer by running it:

    def check_echo(answer: Answer) -> None:
        answer.generator_function("echo")                       # it is there, and is called like this
        answer.behaves("echo(), resumed by next and send('a')", # and does what the solution does
                       lambda names: send(names["echo"](), None, "a"))

`answer.returns`, `answer.yields` and `answer.prints` compare one result; `answer.run` gives the Trace for the rest.
A reason says what the code did, and what was asked for. Endless loops, exceptions, input(), other arguments and
printing instead of returning are told without you. A mistake is written as code, with the sentence for whoever makes
it: it is recognised by ending in the same reason.

Nothing else is needed: `tests/lessons/test_exercises.py` finds the module, and tests that the solution is correct, the
starter is not attempted, every mistake gets its own sentence, and the notebook shows task and starter but no answer.
A problem of ordering lines is a `Parsons` with the same fields, `distractors`, and no starter.
"""
