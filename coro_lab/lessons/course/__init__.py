"""The exercises of the course, one module for each notebook.

How to write an exercise. Open the module of the notebook, `exNN_topic.py`, and add to its `EXERCISES` an

    Exercise(
        name="echo",                       # one word; the notebook's cell begins with %%check echo
        task="**Change one line.** ...",   # the notebook shows the same text above that cell
        starter=\"\"\" ... \"\"\",               # and the same code in it
        solution=\"\"\" ... \"\"\",
        check=check_echo,                  # tests the answer; raises NotYet with a reason, or returns
        hints=("a nudge", "the idea", "nearly everything"),
        mistakes=(Mistake(\"\"\" ... \"\"\", "a sentence that helps"), ...),
    )

The check is a function that runs the answer:

    def check_echo(answer: Answer) -> None:
        answer.generator_function("echo")                       # it is there, and is called like this
        answer.behaves("echo(), resumed by next and send('a')", # and does what the solution does
                       lambda names: send(names["echo"](), None, "a"))

`answer.returns` and `answer.prints` compare one result; `answer.run` gives the Trace for the rest.
A reason says what the code did, and what was asked for. `Answer` explains endless loops, exceptions, input(), other
arguments and printing instead of returning. A mistake is code and a sentence: every answer whose check ends with the
same reason as that code gets the sentence.

`tests/lessons/test_exercises.py` finds the module and tests it: the solution is correct, the starter is not attempted,
every mistake gets its own sentence, and the notebook shows task and starter but no answer.
A question of `predict`, or the title of a Quiz or of a puzzle, stands in the module's `PREDICTIONS`, with the
misconception behind each wrong choice.
The run says why an answer is right; where it cannot, as for a count, `reasons.py` has a sentence.
An exercise in which lines are put in order is a `Parsons`: the same fields, `distractors`, and no starter.
"""
