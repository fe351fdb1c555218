// Commands, and the births that a host asks for.
"use strict";
const payload = require("./payload");

// command notes an NCMD that goes to the node.
function command(r, s, p) {
  let raw;
  try {
    ({ raw } = payload.decode(p.payload));
  } catch {
    return s.born && other(r, s); // nothing that a node could read
  }
  const asks = raw.metrics.some((m) => m.name === "Node Control/Rebirth" && m.booleanValue === true);
  if (!s.born) return;
  if (!asks) return other(r, s);
  const request = { at: r.now(), deaths: false, data: 0, done: false };
  s.requests.push(request);
  const before = s.node.births;
  r.expect(
    "operational-behavior-data-commands-rebirth-action-2",
    r.patience.rebirth,
    () => request.done,
    `a birth in ${r.patience.rebirth} ms after a request (birth ${before} of ${s.node.name})`,
    () => s.over || s.link.hole,
  );
}

// other wants nothing to come of a command that is not a rebirth.
function other(r, s) {
  const until = r.now() + r.patience.quiet,
    births = s.node.births,
    answered = s.answered || 0;
  s.quiet = until;
  r.expect(
    "contract-other-commands-ignored",
    r.patience.quiet + 500,
    () => r.now() >= until && s.node.births === births && !s.over,
    "a command that is no rebirth",
    // A birth that a request was answered with, since, is none of that command.
    () => s.requests.length > 0 || (s.answered || 0) > answered || (s.over && r.broke(s)),
  );
}

// birth notes an NBIRTH: it answers all requests so far.
function birth(r, s, m) {
  s.requested = s.requests.length > 0;
  if (s.born && !s.requested)
    r.v.check("contract-other-commands-ignored", !(r.now() < s.quiet), "a birth after a command that is no rebirth");
  if (!s.requests.length) return;
  r.v.check(
    "operational-behavior-data-commands-rebirth-action-1",
    s.requests.every((q) => q.data === 0),
    "data went on after a request",
  );
  r.v.check("ignition-rebirth-without-death", !s.deathSent, "NDEATH, then NBIRTH");
  for (const q of s.requests) q.done = true;
  s.answered = (s.answered || 0) + s.requests.length;
  s.storms = (s.storms || 0) + 1;
  s.requests = [];
}

// dataAfterRequest judges data that comes while a request waits.
function dataAfterRequest(r, s, m) {
  for (const q of s.requests) {
    if (r.now() - q.at > r.patience.stopped) {
      q.data++;
      r.v.check(
        "operational-behavior-data-commands-rebirth-action-1",
        false,
        `${m.topic} ${r.now() - q.at} ms after a request`,
      );
    }
  }
}

function deathAfterRequest(r, s) {
  if (s.requests.length) r.v.check("ignition-rebirth-without-death", false, "NDEATH after a request");
}

module.exports = { command, birth, dataAfterRequest, deathAfterRequest };
