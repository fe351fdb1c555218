// The primary host: births wait for it, and its absence ends the session.
"use strict";

// state judges a message of a host to the node, which is "spBv1.0/STATE/ID" with JSON, or "STATE/ID" with a word, as hosts of 2.2
// say it.
function state(r, s, p) {
  const parts = p.topic.split("/"),
    at = parts.indexOf("STATE");
  if (at < 0 || !s.node.host) return;
  const id = parts.slice(at + 1).join("/");
  if (id !== s.node.host) return;
  const said = parse(p, at);
  if (!said) return;
  const st = s.states || (s.states = { online: false, time: -1, onlineTime: -1, old: false });
  if (at === 0 && st.newer) return; // a host of version 3.0 says the rest for those of before
  if (at > 0) st.newer = true;
  if (said.time !== undefined && said.time < st.time) {
    st.old = true; // says nothing
    if (!said.online && s.born) staysFor(r, s, said.time);
    return;
  }
  if (said.time !== undefined) st.time = said.time;
  const was = st.online;
  st.online = said.online;
  st.said = JSON.stringify(said);
  if (said.online) return;
  if (was && s.born) leaves(r, s);
}

function parse(p, at) {
  const text = p.payload.toString();
  if (at === 0) return { online: text === "ONLINE" };
  try {
    const { online, timestamp } = JSON.parse(text);
    return typeof online === "boolean" ? { online, time: timestamp } : null;
  } catch {
    return null;
  }
}

// leaves wants the node to say that it dies, to hang up and to begin anew.
function leaves(r, s) {
  s.node.afterOffline = s;
  r.expect(
    "message-flow-edge-node-birth-publish-phid-offline operational-behavior-edge-node-termination-host-offline",
    r.patience.leave,
    () => s.deathSent && (s.disconnected || s.over),
    `the host is offline (${s.states.said})`,
    () => s.link.hole || (s.over && !s.deathSent && r.broke(s)),
  );
}

// staysFor wants the node to stay where it is.
function staysFor(r, s, time) {
  const until = r.now() + r.patience.stay;
  r.expect(
    "operational-behavior-edge-node-termination-host-offline-timestamp",
    r.patience.stay + 1e3,
    () => r.now() >= until && !s.over && !s.deathSent,
    `offline of ${time}, which is older than online of ${s.states.time}`,
    () => s.over && r.broke(s),
  );
}

// birth judges that the host was there before the birth.
function birth(r, s) {
  if (!s.node.host) return;
  const st = s.states;
  r.v.check(
    "message-flow-edge-node-birth-publish-phid-wait message-flow-edge-node-birth-publish-phid-wait-online " +
      "operational-behavior-edge-node-birth-sequence-wait",
    Boolean(st && st.online),
    () => (st ? `born after ${st.said}` : "born before the host has said anything"),
  );
  if (r.othersOnline) {
    r.v.check(
      "message-flow-edge-node-birth-publish-phid-wait-id",
      Boolean(st && st.online),
      "born while another host only is online",
    );
  }
  if (st && st.old) {
    r.v.check(
      "message-flow-edge-node-birth-publish-phid-wait-timestamp",
      st.online,
      "born after a message that is older than one before",
    );
  }
}

module.exports = { state, birth };
