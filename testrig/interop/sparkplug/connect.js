// How a session begins and ends: CONNECT with its will, the subscriptions, DISCONNECT.
"use strict";
const payload = require("./payload");

const SAID = 0x04; // Disconnect with Will Message

// connect judges a CONNECT and makes the session that the packets after it belong to.
function connect(r, link, p) {
  const v = r.v,
    will = p.will;
  v.check(
    "message-flow-edge-node-birth-publish-will-message payloads-ndeath-will-message",
    Boolean(will),
    will ? `will on ${will.topic}` : "CONNECT without a will",
  );
  const five = p.protocolVersion === 5;
  if (five) {
    const expiry = (p.properties || {}).sessionExpiryInterval || 0;
    v.check(
      "principles-persistence-clean-session-50",
      p.clean && expiry === 0,
      `clean start ${p.clean}, session expiry ${expiry}`,
    );
  } else {
    v.check("principles-persistence-clean-session-311", p.clean, `clean session ${p.clean}`);
  }
  const parts = will ? will.topic.split("/") : [];
  const formed = parts.length === 4 && parts[0] === "spBv1.0" && parts[2] === "NDEATH" && parts[1] !== "" && parts[3] !== "";
  if (will) {
    v.check("message-flow-edge-node-birth-publish-will-message-topic topics-ndeath-topic", formed, `will on ${will.topic}`);
  }
  const node = r.node(parts.length >= 4 ? `${parts[1]}/${parts[3]}` : p.clientId);
  const s = r.session(link, node);
  s.five = five;
  node.clients.add(p.clientId);
  const alone = node.clients.size === 1;
  v.check(
    "intro-edge-node-id-uniqueness topic-structure-namespace-unique-edge-node-descriptor payloads-nbirth-edge-node-descriptor",
    alone,
    () => `${node.name} connects as ${[...node.clients].join(", ")}`,
  );
  const others = [...node.open].filter((o) => !o.disconnected && !o.link.hole && o.link.proxy !== link.proxy);
  if (node.host) {
    v.check(
      "operational-behavior-primary-application-state-with-multiple-servers-single-server",
      others.length === 0,
      () => `connects to ${link.proxy} while at ${others.map((o) => o.link.proxy)}`,
    );
  }
  node.open.add(s);
  if (will) judgeWill(r, s, will);
  afterOffline(r, s);
}

function judgeWill(r, s, will) {
  const v = r.v;
  v.check(
    "payloads-ndeath-will-message-qos message-flow-edge-node-birth-publish-will-message-qos",
    will.qos === 1,
    `quality ${will.qos}`,
  );
  v.check(
    "payloads-ndeath-will-message-retain message-flow-edge-node-birth-publish-will-message-will-retained",
    !will.retain,
    `retain ${will.retain}`,
  );
  v.check("mqtt-will-without-delay", !((will.properties || {}).willDelayInterval > 0), () =>
    JSON.stringify(will.properties || {}),
  );
  s.will = will;
  const d = read(r, will.payload, "message-flow-edge-node-birth-publish-will-message-payload", "the will");
  if (!d) return;
  s.bdSeq = death(r, s, d.raw, "the will");
  const ids = "message-flow-edge-node-birth-publish-will-message-payload-bdSeq topics-nbirth-bdseq-increment";
  const before = s.node.bdSeq;
  const want = before === undefined ? 0 : (before + 1) % 256;
  v.check(ids, s.bdSeq === want, `bdSeq ${s.bdSeq} after ${before === undefined ? "none" : before}`);
  const m = d.raw.metrics.find((x) => x.name === "bdSeq");
  v.check(
    "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    Boolean(m) && m.datatype === payload.INT64 && payload.has(m, "longValue"),
    () => `bdSeq of type ${m && m.datatype}`,
  );
  s.node.bdSeq = s.bdSeq;
}

// read decodes a payload and returns it, or null.
function read(r, bytes, ids, what) {
  const wire = payload.strict(bytes);
  let raw = null,
    wrong = wire;
  try {
    raw = payload.proto.decode(bytes);
  } catch (err) {
    wrong = wire || err.message; // the library does not like it either
  }
  r.v.check(`${ids} payload-strict`, wrong === "", () => `${what}: ${wrong}`);
  if (wire.endsWith(payload.TOO_WIDE)) {
    r.v.check("payloads-metric-datatype-value-type payloads-metric-propertyvalue-type-type", false, `${what}: ${wire}`);
  }
  return raw && { raw };
}

// death judges the payload of an NDEATH and returns its bdSeq.
function death(r, s, raw, what) {
  const m = raw.metrics[0];
  const one = raw.metrics.length === 1 && m.name === "bdSeq";
  r.v.check("topics-ndeath-payload", one, () => `${what}: metrics ${raw.metrics.map((x) => x.name)}`);
  r.v.check("topics-ndeath-seq payloads-ndeath-seq", !payload.has(raw, "seq"), () => `${what}: seq ${payload.number(raw.seq)}`);
  const b = raw.metrics.find((x) => x.name === "bdSeq");
  r.v.check("ignition-bdseq-without-alias", !b || !payload.has(b, "alias"), () => `${what}: alias ${payload.number(b.alias)}`);
  return b ? payload.number(b.longValue) : undefined;
}

function subscribe(r, s, p) {
  s.asked.set(p.messageId, p.subscriptions);
}

function suback(r, s, p) {
  (s.asked.get(p.messageId) || []).forEach((sub, i) => {
    const granted = p.granted[i];
    if (granted < 0x80) s.subscribed.set(sub.topic, sub.qos);
  });
}

// subscriptions judges, at a birth, what the node has subscribed to before.
function subscriptions(r, s) {
  const [group, node] = s.node.name.split("/");
  const asked = new Map([...s.asked.values()].flat().map((x) => [x.topic, x.qos]));
  const filter = `spBv1.0/${group}/NCMD/${node}`;
  r.v.check(
    "message-flow-edge-node-ncmd-subscribe",
    asked.get(filter) === 1,
    () => `subscribed to ${[...asked].map(([f, q]) => `${f} at ${q}`).join(", ") || "nothing"}`,
  );
  r.v.check("mqtt-subscribed-before-birth", s.subscribed.has(filter), "no SUBACK before the birth");
  if (s.node.host) {
    r.v.check(
      "operational-behavior-primary-application-state-with-multiple-servers-state-subs",
      asked.has(`spBv1.0/STATE/${s.node.host}`),
      () => `subscribed to ${[...asked.keys()].join(", ")}`,
    );
  }
}

function disconnect(r, s, p) {
  s.disconnected = true;
  const reason = p.reasonCode || 0;
  if (s.five) {
    r.v.check("payloads-ndeath-will-message-publisher-disconnect-mqtt50", reason === SAID, `reason ${reason}`);
  }
  if (!s.born) return; // a node that was never born cannot die, and a death is not to be the first message
  const ids =
    "operational-behavior-edge-node-intentional-disconnect-ndeath payloads-ndeath-will-message-publisher" +
    (s.five ? "" : " payloads-ndeath-will-message-publisher-disconnect-mqtt311");
  r.v.check(ids, s.deathSent, s.deathSent ? "NDEATH, then DISCONNECT" : "DISCONNECT without an NDEATH");
  if (s.deathSent) r.v.check("operational-behavior-edge-node-intentional-disconnect-packet", true, "DISCONNECT after NDEATH");
}

function closed(r, s, by) {
  s.over = true;
  s.brokenBy = by;
  s.node.open.delete(s);
  if (r.stopping && by === "edge" && s.born && !s.deathSent && !s.link.hole) {
    r.v.check(
      "operational-behavior-edge-node-intentional-disconnect-ndeath payloads-ndeath-will-message-publisher",
      false,
      "told to stop, hangs up without an NDEATH",
    );
  }
}

// afterOffline judges where a node connects that has left because its primary host was offline.
function afterOffline(r, s) {
  const left = s.node.afterOffline;
  if (!left) return;
  s.node.afterOffline = null;
  const several = r.proxies > 1;
  r.v.check(
    "operational-behavior-edge-node-termination-host-offline-reconnect",
    !several || s.link.proxy !== left.link.proxy,
    `left ${left.link.proxy}, connects to ${s.link.proxy}`,
  );
  if (several) {
    r.v.check(
      "operational-behavior-primary-application-state-with-multiple-servers-walk",
      s.link.proxy !== left.link.proxy,
      `left ${left.link.proxy}, connects to ${s.link.proxy}`,
    );
  }
}

module.exports = { connect, subscribe, suback, subscriptions, disconnect, closed, read, death };
