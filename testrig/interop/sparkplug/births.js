// NBIRTH and DBIRTH: what they hold, and that they hold all of it.
"use strict";
const payload = require("./payload");
const metrics = require("./metrics");
const rebirth = require("./rebirth");
const primary = require("./primary");
const { subscriptions } = require("./connect");

const REBIRTH = "Node Control/Rebirth";

// node judges an NBIRTH.
function node(r, s, m) {
  const v = r.v,
    again = s.born;
  s.node.births++;
  if (!again) {
    subscriptions(r, s);
    primary.birth(r, s);
  }
  const find = (name) => m.raw.metrics.filter((x) => x.name === name);
  bdSeq(r, s, find("bdSeq"), again);
  control(r, find(REBIRTH));
  rebirth.birth(r, s, m);
  // What was alive has to be born again before data, but what the plant has switched off or the configuration has lost.
  s.missing = new Set([...s.node.alive].filter((d) => !r.down.has(d) && !r.gone.has(d)));
  s.node.alive = new Set();
  s.aliases.clear();
  s.usesAliases = m.raw.metrics.some((x) => payload.has(x, "alias"));
  for (const owner of s.devices.values()) owner.alive = false;
  s.own = metrics.birth(r, s, m, "");
  s.born = true;
  s.birthAt = m.at;
  s.borns = new Set();
}

function bdSeq(r, s, found, again) {
  const v = r.v,
    b = found[0],
    value = b && payload.number(b.longValue);
  v.check("topics-nbirth-bdseq-included payloads-nbirth-bdseq", found.length === 1, `${found.length} metrics bdSeq`);
  if (!b) return;
  const same = value === s.bdSeq;
  v.check(
    "topics-nbirth-bdseq-matching payloads-nbirth-bdseq-repeat payloads-ndeath-bdseq",
    same,
    `bdSeq ${value}, of the will ${s.bdSeq}`,
  );
  v.check(
    "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    same && b.datatype === payload.INT64 && payload.has(b, "longValue"),
    `bdSeq ${value} of type ${b.datatype}, of the will ${s.bdSeq}`,
  );
  v.check("ignition-bdseq-without-alias", !payload.has(b, "alias"), () => `alias ${payload.number(b.alias)}`);
  if (again && s.requests.length) {
    v.check(
      "operational-behavior-data-commands-rebirth-action-3",
      same,
      `bdSeq ${value} after a request, of the will ${s.bdSeq}`,
    );
  }
}

function control(r, found) {
  const v = r.v,
    c = found[0];
  v.check(
    "operational-behavior-data-commands-rebirth-name topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req",
    found.length === 1,
    `${found.length} metrics ${REBIRTH}`,
  );
  if (!c) return;
  const bool = c.datatype === payload.BOOLEAN,
    no = payload.has(c, "booleanValue") && c.booleanValue === false;
  v.check("operational-behavior-data-commands-rebirth-datatype topics-nbirth-rebirth-metric", bool, `type ${c.datatype}`);
  v.check(
    "operational-behavior-data-commands-rebirth-value topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req",
    no,
    `value ${c.booleanValue}, null ${c.isNull}`,
  );
  v.check(
    "operational-behavior-data-commands-rebirth-name-aliases",
    !payload.has(c, "alias"),
    () => `alias ${payload.number(c.alias)}`,
  );
}

// device judges a DBIRTH.
function device(r, s, m) {
  const v = r.v,
    id = m.device;
  v.check("message-flow-device-birth-publish-nbirth-wait", s.born, `DBIRTH of ${id} before NBIRTH`);
  v.check(
    "message-flow-device-birth-publish-dbirth-match-edge-node-topic",
    m.topic.startsWith(`spBv1.0/${s.node.name.replace("/", "/DBIRTH/")}/`),
    m.topic,
  );
  const lower = [...s.node.known].find((d) => d !== id && d.toLowerCase() === id.toLowerCase());
  v.check("case-sensitivity-sparkplug-ids", !lower, () => `devices ${lower} and ${id}`);
  const before = s.devices.get(id);
  const twice = Boolean(s.borns && s.borns.has(id) && before && before.alive);
  v.check("topic-structure-namespace-unique-device-id", !(s.missing.size > 0 && twice), `two births of ${id} in one sequence`);
  v.check("tck-monitor-device-born-once", !twice, `DBIRTH of ${id} while it lives`);
  s.node.known.add(id);
  if (before) metrics.forget(s, before);
  const owner = metrics.birth(r, s, m, id);
  owner.alive = true;
  s.devices.set(id, owner);
  s.node.alive.add(id);
  s.missing.delete(id);
  if (s.borns) s.borns.add(id);
}

module.exports = { node, device };
