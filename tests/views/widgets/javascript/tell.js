// For tests/views/widgets/test_picture.py: reads a list of traces from stdin and writes what the front end makes of each trace.

import { readFileSync } from "node:fs";
import { inWords, picture } from "../../../../coro_lab/views/widgets/player/picture.js";
import { spans } from "../../../../coro_lab/views/widgets/player/spans.js";
import { statesAt } from "../../../../coro_lab/views/widgets/player/states.js";
import { readTrace } from "../../../../coro_lab/views/widgets/player/trace.js";
import { sentence } from "../../../../coro_lab/views/widgets/player/words.js";

const traces = JSON.parse(readFileSync(0, "utf8"));

const stateOf = ({ state, line, locals, changed, resumedBy, waitingFor, delegatingTo, ending, value }) => ({
  state,
  line,
  locals: [...locals],
  changed,
  resumed_by: resumedBy,
  waiting_for: waitingFor,
  delegating_to: delegatingTo,
  ending,
  value,
});

function tell(text) {
  const trace = readTrace(text);
  const indices = Array.from({ length: trace.count }, (_, index) => index);
  const backwards = indices
    .toReversed()
    .map((index) => statesAt(trace, index).map(stateOf))
    .reverse();
  return {
    states: backwards,
    sentences: indices.map((index) => sentence(trace, index)),
    labels: indices.map((index) => picture(trace, index).crossing?.label ?? null),
    spans: trace.count ? spans(trace, 0, trace.count) : null,
    outside: trace.outside,
    output: trace.output.map((parts) => parts.map(([, piece]) => piece).join("")),
    words: trace.count ? trace.lanes.map((_, lane) => inWords(trace, statesAt(trace, trace.count - 1), lane)) : [],
  };
}

process.stdout.write(JSON.stringify(traces.map(tell)));
