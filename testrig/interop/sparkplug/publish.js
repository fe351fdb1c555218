// What a node publishes: topic, quality, time and number of each message, and the order of births and data.
"use strict";
const payload = require("./payload");
const births = require("./births");
const metrics = require("./metrics");
const rebirth = require("./rebirth");
const { read, death } = require("./connect");

// verbs are the messages of an edge node, and the statements about each.
const verbs = {
  NBIRTH: {
    topic: "topics-nbirth-topic message-flow-edge-node-birth-publish-nbirth-topic",
    qos: "payloads-nbirth-qos message-flow-edge-node-birth-publish-nbirth-qos topics-nbirth-mqtt",
    retain: "payloads-nbirth-retain message-flow-edge-node-birth-publish-nbirth-retained topics-nbirth-mqtt",
    time: "topics-nbirth-timestamp payloads-nbirth-timestamp",
    bytes: "message-flow-edge-node-birth-publish-nbirth-payload",
    has: "topics-nbirth-seq-num payloads-nbirth-seq payloads-sequence-num-req-nbirth",
    next: "topics-nbirth-seq-num",
    range: "payloads-nbirth-seq payloads-sequence-num-req-nbirth message-flow-edge-node-birth-publish-nbirth-payload-seq",
  },
  NDATA: {
    topic: "topics-ndata-topic",
    qos: "topics-ndata-mqtt payloads-ndata-qos",
    retain: "topics-ndata-mqtt payloads-ndata-retain",
    time: "topics-ndata-timestamp payloads-ndata-timestamp",
    has: "payloads-ndata-seq topics-ndata-seq-num",
    next: "topics-ndata-seq-num payloads-ndata-seq-inc payloads-sequence-num-incrementing",
    data: true,
  },
  NDEATH: { topic: "topics-ndeath-topic" },
  DBIRTH: {
    device: true,
    topic: "topics-dbirth-topic message-flow-device-birth-publish-dbirth-topic",
    qos: "payloads-dbirth-qos message-flow-device-birth-publish-dbirth-qos topics-dbirth-mqtt",
    retain: "payloads-dbirth-retain message-flow-device-birth-publish-dbirth-retained topics-dbirth-mqtt",
    time: "topics-dbirth-timestamp payloads-dbirth-timestamp",
    bytes: "message-flow-device-birth-publish-dbirth-payload",
    has: "payloads-dbirth-seq topics-dbirth-seq",
    next:
      "topics-dbirth-seq payloads-dbirth-seq-inc payloads-sequence-num-incrementing " +
      "message-flow-device-birth-publish-dbirth-payload-seq",
  },
  DDATA: {
    device: true,
    topic: "topics-ddata-topic",
    qos: "topics-ddata-mqtt payloads-ddata-qos",
    retain: "topics-ddata-mqtt payloads-ddata-retain",
    time: "topics-ddata-timestamp payloads-ddata-timestamp",
    has: "payloads-ddata-seq topics-ddata-seq-num",
    next: "topics-ddata-seq-num payloads-ddata-seq-inc payloads-sequence-num-incrementing",
    data: true,
  },
  DDEATH: {
    device: true,
    topic: "topics-ddeath-topic",
    qos: "topics-ddeath-mqtt",
    retain: "topics-ddeath-mqtt",
    time: "payloads-ddeath-timestamp",
    has: "payloads-ddeath-seq payloads-ddeath-seq-number topics-ddeath-seq-num",
    next: "topics-ddeath-seq-num payloads-ddeath-seq-inc payloads-sequence-num-incrementing",
  },
};

const badId = /[+#\u0000\ufffd]/; // a level of a topic has no slash; what is not UTF-8 has become a replacement

// publish judges a PUBLISH of an edge node.
function publish(r, s, p) {
  const v = r.v,
    parts = p.topic.split("/"),
    verb = verbs[parts[2]];
  v.check("message-flow-edge-node-birth-publish-connect", s.connack, "published before CONNACK");
  v.check("topic-structure-namespace-a", parts[0] === "spBv1.0", p.topic);
  const formed = Boolean(verb) && parts.every((x) => x !== "") && (parts.length === 4 || parts.length === 5);
  v.check("topic-structure", formed, p.topic);
  const first = s.published++ === 0;
  if (first) v.check("principles-birth-certificates-order", parts[2] === "NBIRTH", `the first message is on ${p.topic}`);
  if (!verb) return;
  const [, group, , node, device] = parts;
  ids(v, "group-id", group);
  ids(v, "edge-node-id", node);
  if (device !== undefined) ids(v, "device-id", device);
  v.check(
    verb.device
      ? "topic-structure-namespace-device-id-associated-message-types"
      : "topic-structure-namespace-device-id-non-associated-message-types",
    parts.length === (verb.device ? 5 : 4),
    p.topic,
  );
  const ours = parts[0] === "spBv1.0" && `${group}/${node}` === s.node.name && parts.length === (verb.device ? 5 : 4);
  v.check(verb.topic, ours, `${p.topic} of ${s.node.name}`);
  if (verb.qos) v.check(verb.qos, p.qos === 0, `quality ${p.qos} on ${p.topic}`);
  if (verb.retain) v.check(verb.retain, !p.retain, `retain ${p.retain} on ${p.topic}`);
  v.check("mqtt-no-dup", !p.dup, p.topic);
  const d = read(r, p.payload, verb.bytes || "", p.topic);
  if (!d) return;
  const m = { verb: parts[2], device, raw: d.raw, topic: p.topic, at: r.now(), sent: payload.number(d.raw.timestamp) };
  stamp(r, verb, m);
  if (parts[2] === "NDEATH") return nodeDeath(r, s, m);
  number(r, s, verb, m);
  switch (parts[2]) {
    case "NBIRTH":
      births.node(r, s, m);
      break;
    case "DBIRTH":
      births.device(r, s, m);
      break;
    case "DDEATH":
      deviceDeath(r, s, m);
      break;
    default:
      data(r, s, m);
  }
}

function ids(v, which, id) {
  const ok = typeof id === "string" && id !== "" && !badId.test(id);
  v.check(
    `intro-${which}-string intro-${which}-chars topic-structure-namespace-valid-${which}`,
    ok,
    `${which} ${JSON.stringify(id)}`,
  );
}

// stamp judges the time of the message: now, in UTC.
function stamp(r, verb, m) {
  if (!verb.time) return;
  const there = payload.has(m.raw, "timestamp");
  const off = there ? m.sent - m.at : NaN;
  r.v.check(verb.time, there, () => `no time on ${m.topic}`);
  if (there)
    r.v.check(`payloads-timestamp-in-UTC ${verb.time}`, off > -60e3 && off < 2e3, () => `${m.topic} is ${off} ms from now`);
}

// number judges seq.
function number(r, s, verb, m) {
  const there = payload.has(m.raw, "seq"),
    seq = there ? payload.number(m.raw.seq) : undefined;
  r.v.check("payloads-sequence-num-always-included", there, `no seq on ${m.topic}`);
  r.v.check(verb.has, there, `no seq on ${m.topic}`);
  if (!there) return;
  s.node.seqs++;
  if (verb.range) r.v.check(verb.range, seq >= 0 && seq <= 255, `seq ${seq} on ${m.topic}`);
  const want = m.verb === "NBIRTH" ? 0 : (s.seq + 1) % 256;
  r.v.check(verb.next, seq === want, () => `seq ${seq} after ${s.seq} on ${m.topic}`);
  if (m.verb === "NBIRTH" && s.born) r.v.check("ignition-rebirth-seq-zero", seq === 0, `seq ${seq}`);
  s.seq = seq;
}

// data judges NDATA and DDATA.
function data(r, s, m) {
  s.node.data++;
  const order = m.verb === "NDATA" ? "payloads-ndata-order" : "payloads-ddata-order";
  const waits = s.missing.size > 0;
  r.v.check(order, s.born && !waits, () =>
    s.born ? `${m.topic} before the birth of ${[...s.missing].join(", ")}` : `${m.topic} before NBIRTH`,
  );
  r.v.check("payloads-dbirth-order", !waits, () => `${m.topic} before the birth of ${[...s.missing].join(", ")}`);
  if (s.requested)
    r.v.check(
      "operational-behavior-data-commands-rebirth-action-2",
      !waits,
      () => `no birth of ${[...s.missing].join(", ")} after a request`,
    );
  s.missing.clear(); // said once
  rebirth.dataAfterRequest(r, s, m);
  let owner = s.own;
  if (m.verb === "DDATA") {
    owner = s.devices.get(m.device);
    const alive = Boolean(owner && owner.alive);
    r.v.check("payloads-ddata-order", alive, () => `data of ${m.device}, which is not born`);
    r.v.check("contract-dead-device-silent", alive, () => `data of ${m.device}, which is dead or was never born`);
  }
  metrics.data(r, s, m, owner);
}

function nodeDeath(r, s, m) {
  s.deathSent = true;
  const b = death(r, s, m.raw, "NDEATH");
  r.v.check("payloads-ndeath-bdseq", b === s.bdSeq, `bdSeq ${b}, of the will ${s.bdSeq}`);
  rebirth.deathAfterRequest(r, s);
}

function deviceDeath(r, s, m) {
  const owner = s.devices.get(m.device);
  s.node.deaths++;
  if (owner) owner.alive = false;
  s.node.alive.delete(m.device);
  s.missing.delete(m.device);
}

// expectDeath wants a DDEATH of a device that has gone, or a session in which it is not.
function expectDeath(r, node, device) {
  if (!node.alive.has(device)) return;
  const sessions = () => [...node.open].filter((s) => s.born && !s.link.hole);
  r.expect(
    "operational-behavior-device-ddeath",
    r.patience.death,
    () =>
      sessions().length > 0 &&
      sessions().every((s) => {
        const o = s.devices.get(device);
        return o && !o.alive;
      }),
    `${device} of ${node.name} has gone`,
    () => sessions().length === 0 || !r.down.has(device),
  );
}

module.exports = { publish, expectDeath };
