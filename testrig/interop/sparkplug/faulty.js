// An edge node that keeps all rules, or breaks the one that it is told to: what the checker has to find.
"use strict";
const net = require("net");
const mqtt = require("mqtt-packet");
const { proto, codec } = require("./payload");

// Edge speaks to a broker at a port. Faults are names, see faults.js.
class Edge {
  constructor(port, name, options) {
    const [group, node] = name.split("/");
    Object.assign(
      this,
      { port, group, node, five: true, aliases: true, fault: "", bdSeq: 0, devices: ["boiler", "press"] },
      options,
    );
    this.value = 0;
    this.dead = new Set();
    this.clock = () => Date.now();
  }

  is(fault) {
    return this.fault === fault;
  }

  // connect begins a session, to the birth.
  async connect() {
    const seq = this.is("bdseq-not-kept") ? 0 : this.is("bdseq-skips") ? this.bdSeq++ * 2 : this.bdSeq++;
    this.will = seq % 256;
    this.seq = 0;
    this.waits = new Map();
    this.socket = net.connect({ port: this.port, host: "127.0.0.1", noDelay: true });
    this.socket.on("error", () => {});
    const parser = mqtt.parser({ protocolVersion: this.five ? 5 : 4 });
    parser.settings = { protocolVersion: this.five ? 5 : 4 };
    parser.on("packet", (p) => this.got(p));
    const socket = this.socket;
    socket.on("data", (d) => socket === this.socket && parser.parse(d));
    const connect = {
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: this.five ? 5 : 4,
      clean: !this.is("not-clean"),
      clientId: this.is("other-client-id") ? `edge-${this.group}-${this.node}-${seq}` : `edge-${this.group}-${this.node}`,
      keepalive: 5,
      will: this.willPacket(),
    };
    if (this.five) connect.properties = this.is("session-expiry") ? { sessionExpiryInterval: 60 } : {};
    if (this.is("no-will")) delete connect.will;
    this.send(connect);
    if (this.is("birth-before-connack")) this.births();
    await this.answer("connack");
    if (this.is("data-first")) this.data("press");
    if (this.is("node-data-first")) this.nodeData(true);
    if (this.is("device-birth-first")) this.deviceBirth("press");
    if (this.is("history-before-births")) this.data("press", true);
    if (this.is("no-packet")) this.socket.write(Buffer.from([0xf7, 0x00]));
    if (!this.is("no-subscription")) {
      this.send({
        cmd: "subscribe",
        messageId: 1,
        subscriptions: [{ topic: this.topic("NCMD"), qos: this.is("subscribes-qos-0") ? 0 : 1 }],
      });
      if (!this.is("birth-before-suback")) await this.answer("suback");
    }
    this.births();
  }

  willPacket() {
    const w = {
      topic: this.topic(this.is("will-on-other-topic") ? "NDATA" : "NDEATH"),
      qos: this.is("will-qos-0") ? 0 : 1,
      retain: this.is("will-retained"),
      payload: this.is("will-json") ? Buffer.from('{"bdSeq":0}') : this.encode(this.death()),
    };
    if (this.five && this.is("will-delayed")) w.properties = { willDelayInterval: 5 };
    return w;
  }

  death() {
    const m = { name: "bdSeq", type: this.is("bdseq-uint64") ? "UInt64" : "Int64", value: this.will, timestamp: this.clock() };
    if (this.is("bdseq-alias")) m.alias = 999;
    const p = { timestamp: this.clock(), metrics: [m] };
    if (this.is("death-with-seq")) p.seq = 0;
    if (this.is("death-with-more")) p.metrics.push({ name: "reason", type: "String", value: "none", timestamp: this.clock() });
    return p;
  }

  got(p) {
    if (p.cmd === "publish" && p.topic.includes("/NCMD/")) this.command(p);
    if (p.cmd === "publish" && p.qos > 0) this.send({ cmd: "puback", messageId: p.messageId });
    const done = this.waits.get(p.cmd);
    if (done) done();
    this.waits.delete(p.cmd);
  }

  answer(cmd) {
    return new Promise((done) => this.waits.set(cmd, done));
  }

  command(p) {
    const asks = codec.decodePayload(p.payload).metrics.some((m) => m.name === "Node Control/Rebirth" && m.value === true);
    if (this.is("obeys-all") && !asks) return this.births();
    if (!asks || this.is("no-rebirth")) return;
    if (this.is("rebirth-with-death")) this.publish("NDEATH", "", this.death(), false);
    if (this.is("rebirth-other-bdseq")) this.will++;
    if (this.is("data-after-request")) {
      setTimeout(() => this.data("press"), 600);
      setTimeout(() => this.births(), 700);
      return;
    }
    this.births(true);
  }

  // births is NBIRTH and all DBIRTHs.
  births(again) {
    if (!(again && this.is("rebirth-seq-goes-on"))) this.seq = this.is("birth-seq-1") ? 1 : this.is("birth-seq-300") ? 300 : 0;
    const now = this.clock(),
      m = [];
    if (!this.is("birth-without-bdseq"))
      m.push({ ...this.death().metrics[0], value: this.is("birth-other-bdseq") ? this.will + 1 : this.will });
    const control = {
      name: "Node Control/Rebirth",
      type: this.is("rebirth-not-boolean") ? "Int32" : "Boolean",
      value: this.is("rebirth-true"),
      timestamp: now,
    };
    if (this.is("rebirth-not-boolean")) control.value = 0;
    if (this.is("rebirth-alias")) control.alias = 77;
    if (!this.is("no-rebirth-metric")) m.push(control);
    m.push(this.metric("Devices/press/online", "Boolean", this.is("node-birth-without-value") ? undefined : true, 1));
    if (this.is("node-birth-in-disorder")) m.push({ ...this.metric("other", "Boolean", true, 2), timestamp: now - 5 });
    this.publish("NBIRTH", "", { timestamp: now, metrics: m });
    this.devices.forEach((d, i) => {
      if (this.dead.has(d) || (this.is("device-without-birth") && d === "press")) return;
      if (this.is("data-before-births") && i === 1) this.data("boiler");
      if (again && this.is("rebirth-half") && i === 1) return;
      this.deviceBirth(d, i);
      if (this.is("device-born-twice") && i === 0) this.deviceBirth(d, i);
    });
    if (this.is("devices-differ-in-case"))
      this.publish("DBIRTH", "PRESS", { timestamp: now, metrics: [this.metric("counter", "UInt32", 0, 90)] });
  }

  deviceBirth(d, i = this.devices.indexOf(d)) {
    const m = [
      this.metric("counter", "UInt32", this.value, this.alias(i, 0)),
      this.metric("level", "Double", 1.5, this.alias(i, 1)),
      this.metric("mode/auto", "Boolean", true, this.alias(i, 2)),
      this.metric("broken", "Int16", null, this.alias(i, 3)),
    ];
    if (this.is("two-metrics-differ-in-case")) m.push(this.metric("Counter", "UInt32", 0, this.alias(i, 4)));
    m[1].properties = { engUnit: { type: "String", value: "bar" } };
    m[3].properties = {
      Quality: { type: this.is("quality-uint32") ? "UInt32" : "Int32", value: this.is("quality-of-opc") ? 0x80000000 : 0 },
    };
    if (this.is("null-without-quality")) delete m[3].properties;
    if (this.is("birth-without-value")) m[1].value = undefined;
    if (this.is("birth-in-disorder")) m[0].timestamp = this.clock() + 1;
    if (this.is("birth-without-type")) m[0].untyped = true;
    if (this.is("birth-without-alias")) delete m[2].alias;
    this.publish("DBIRTH", d, { timestamp: this.clock(), metrics: m });
    this.dead.delete(d);
  }

  alias(device, i) {
    if (this.is("alias-per-device")) return 10 + i;
    return 10 + device * 10 + i;
  }

  metric(name, type, value, alias) {
    const m = { name, type, value, timestamp: this.clock() };
    if (this.aliases) m.alias = alias;
    if (this.is("metric-without-time")) delete m.timestamp;
    return m;
  }

  // data is one DDATA with the counter, and the level at times.
  data(d, historical) {
    const i = this.devices.indexOf(d),
      now = this.clock() - (historical ? 60e3 : 0);
    const v = this.is("data-unchanged") ? this.value : ++this.value;
    const m = {
      type: "UInt32",
      value: v,
      timestamp: this.is("data-in-local-time") ? now + 2 * 3600e3 : now,
      untyped: !this.is("data-with-type"),
    };
    if (this.aliases && !this.is("data-by-name")) m.alias = this.alias(i, this.is("data-of-unknown-alias") ? 9 : 0);
    else m.name = this.is("data-of-unknown-name") ? "nobody" : "counter";
    if (this.is("data-name-and-alias")) m.name = "counter";
    if (historical && !this.is("history-unflagged")) m.isHistorical = true;
    if (!historical && this.is("history-flagged-always")) m.isHistorical = true;
    if (this.is("data-without-time")) delete m.timestamp;
    if (this.is("data-without-name-or-alias")) delete m.alias;
    const metrics = this.is("data-without-metrics") ? [] : [m];
    if (this.is("data-in-disorder")) metrics.push({ ...m, value: v + 1, timestamp: now - 5 });
    this.publish("DDATA", d, { timestamp: this.clock() - (this.is("payload-time-of-yesterday") ? 86400e3 : 0), metrics });
  }

  nodeData(value) {
    const m = this.metric("Devices/press/online", "Boolean", value, 1);
    m.untyped = true;
    if (this.aliases) delete m.name;
    if (this.is("node-data-of-unknown-alias")) m.alias = 5;
    if (this.is("node-data-unchanged")) m.value = true;
    this.publish("NDATA", "", { timestamp: this.clock(), metrics: [m] });
  }

  deviceDeath(d) {
    this.dead.add(d);
    if (!this.is("no-device-death")) this.publish("DDEATH", d, { timestamp: this.clock() });
    if (this.is("data-of-dead-device")) this.data(d);
    if (this.is("lives-after-death")) this.publish("NDEATH", "", this.death());
  }

  topic(verb, device = "") {
    const space = this.is("namespace-a") ? "spAv1.0" : "spBv1.0",
      tail =
        device && "/" + (this.is("device-with-plus") ? device + "+" : this.is("device-with-slash") ? device + "/1" : device);
    const ours = verb === "DBIRTH" || verb === "DDATA"; // the broker would not even take the will
    const group = this.is("group-with-plus") && ours ? this.group + "+" : this.group,
      node = this.is("node-with-hash") && ours ? this.node + "#" : this.node;
    if (this.is("device-left-out") && verb === "DDATA") return `${space}/${group}/${verb}/${node}`;
    return `${space}/${group}/${verb}/${node}${this.is("node-message-with-device") && verb === "NDATA" ? "/press" : tail}`;
  }

  publish(verb, device, p, numbered = verb !== "NDEATH") {
    if (
      numbered &&
      !this.is("no-seq-at-all") &&
      !(this.is("no-seq") && verb === "DDATA") &&
      !(this.is("death-without-seq") && verb === "DDEATH")
    ) {
      p.seq = this.seq;
      this.seq = this.is("seq-to-256")
        ? (this.seq + 1) % 257
        : this.is("seq-skips") && verb === "DDATA"
          ? (this.seq + 2) % 256
          : (this.seq + 1) % 256;
    }
    if (this.is("no-payload-time") && verb !== "NDEATH") delete p.timestamp;
    const qos = this.is(`${verb}-qos-1`) ? 1 : 0;
    this.send({
      cmd: "publish",
      topic: this.topic(verb, device),
      payload: this.encode(p),
      qos,
      retain: this.is(`${verb}-retained`),
      dup: this.is("dup") && verb === "DDATA",
      messageId: qos ? 9 : undefined,
    });
  }

  // encode is the library's, but for types that are to be left out, and bytes that nobody knows.
  encode(p) {
    let bytes = Buffer.from(codec.encodePayload(p));
    const message = proto.decode(bytes);
    (p.metrics || []).forEach((m, i) => {
      const w = message.metrics[i];
      if (m.untyped) delete w.datatype;
      if (m.name === undefined) delete w.name;
      if (this.is("null-with-value") && m.value === null) w.intValue = 0;
      if (this.is("type-0") && m.name === "level") w.datatype = 0;
      if (this.is("masked-negative") && m.name === "broken") Object.assign(w, { isNull: undefined, intValue: 65535 });
      if (this.is("keys-without-values") && w.properties) w.properties.keys.push("more");
      if (this.is("property-without-type") && w.properties) delete w.properties.values[0].type;
      if (this.is("property-in-other-field") && w.properties)
        Object.assign(w.properties.values[0], { intValue: null, stringValue: null, doubleValue: 1 });
      if (this.is("property-type-99") && w.properties) w.properties.values[0].type = 99;
    });
    if (p.timestamp === undefined) delete message.timestamp;
    bytes = Buffer.from(proto.encode(message).finish());
    if (this.is("type-of-40-bits")) bytes = widen(bytes);
    return this.is("unknown-field") ? Buffer.concat([bytes, Buffer.from([0x32, 0x01, 0x41])]) : bytes;
  }

  send(p) {
    if (this.socket.writable) this.socket.write(mqtt.generate(p, { protocolVersion: this.five ? 5 : 4 }));
  }

  // leave says goodbye.
  leave() {
    if (!this.is("goodbye-without-death")) {
      if (this.is("death-of-other-bdseq")) this.will++;
      this.publish("NDEATH", "", this.death());
    }
    this.send({
      cmd: "disconnect",
      ...(this.five ? { reasonCode: this.is("goodbye-without-reason") ? 0 : 4, properties: {} } : {}),
    });
    this.socket.end();
  }

  // crash hangs up without a word.
  crash() {
    this.socket.resetAndDestroy();
  }
}

// widen adds bits beyond the 32 of the type of a metric that has only this one: no library writes that.
function widen(bytes) {
  const metric = Buffer.from([0x0a, 1, 0x77, 0x18, 1, 0x20, 0x8b, 0x80, 0x80, 0x80, 0x80, 0x01, 0x70, 0]);
  return Buffer.concat([bytes, Buffer.from([0x12, metric.length]), metric]);
}

module.exports = { Edge };
