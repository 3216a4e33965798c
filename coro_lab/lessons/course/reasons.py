"""What a learner reads after answering a prediction whose run does not say by itself why it came out so.

Most need no sentence: the event that shows the answer says it (`coro_lab/lessons/reasons.py`).
"""

REASONS: dict[str, str] = {
    "A and B get one turn each. What is printed?": (
        "A turn ends at the next yield: A has printed 1, B has printed x, and both are suspended there."
    ),
    "Will there be an arrow from A to B?": (
        "Only the scheduler starts and resumes them: neither A nor B is the peer of the other."
    ),
    "The generator is only created. What does send(10) give?": (
        "It has not reached a yield yet, so nothing in it could receive the 10."
    ),
    "How many numbers does the loop get?": (
        "The generator yielded 1, 2, 12 and 13. The 12 answered the send, so the loop got 1, 2 and 13."
    ),
    "A generator was listed to its end. What does a second list of it hold?": (
        "The first list resumed it until it had ended, and a closed generator gives no further value."
    ),
    "Moves 2, 3 and 4 repeat. How many arrows will carry '200 OK'?": (
        "Each of the 5 messages gets one reply. What the consumer hands out at its start is '', because no message "
        "has come yet."
    ),
    "One turn of 1,000 generators takes 30 microseconds. How long does one task switch take?": (
        "One turn has 1,000 task switches, and 30 microseconds are 30,000 nanoseconds."
    ),
    "Which of these mechanisms need the kernel for every switch?": (
        "The kernel decides which thread runs. Tasks of asyncio share one thread, so it need not step in there."
    ),
    "Page 3 fails once, and page 8 twice. Which pages will be missing?": (
        "A page that fails is tried again, and once more if it fails again."
    ),
    "A is in the middle of b.send(None). What does a.send(None) give?": (
        "A waits for its own send to come back. So it is running, and only a suspended generator can be resumed."
    ),
    "hello() is called, and nothing else. What is printed?": (
        "The call makes a coroutine that is only created. Nothing has resumed it, so no line of it has run."
    ),
    "flight and hotel fail in the same moment, in gather. Which errors does the caller get?": (
        "gather had ended with the error of flight when hotel failed, so the second error had nowhere to go."
    ),
    "Two threads run tally.value += 1. How many of the 6 orders lose an update?": (
        "In four of the six orders both threads have read before either of them writes."
    ),
    "ask is suspended and then resumed. In which frame does it go on?": (
        "The frame stays in the generator. Only the place at which it stands has moved on, from line 2 to line 3."
    ),
    "Ann and Bob are both asked first, and then pay 10 each. How much is in the till?": (
        "Both had read 0 before they were suspended, so Bob writes 0 + 10 over the 10 of Ann."
    ),
    "survey calls question twice, and yields once itself. What does list(survey()) hold?": (
        "Each call of question made a generator that nobody resumed. The only yield that ran is the one in survey."
    ),
}
