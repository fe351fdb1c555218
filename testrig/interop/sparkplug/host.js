// A host application: hears everything, keeps what a host such as Ignition would make of it, asks for births, says its state.
"use strict";
const mqtt = require("mqtt");
const payload = require("./payload");
const { number, has } = payload;

// Host is connected to the broker itself. What it has heard of samples is in heard.
class Host {
  constructor(port, verdicts, filter = "spBv1.0/#") {
    Object.assign(this, {
      port,
      v: verdicts,
      filter,
      nodes: new Map(),
      heard: [],
      gaps: 0,
      number: () => 0,
      pings: "checker/" + filter.replaceAll("/", "-").replace("#", String(process.pid)),
      pong: () => {},
    });
  }

  // start connects, and again whenever the broker comes back: what it has missed meanwhile it does not know.
  start() {
    this.client = mqtt.connect(`mqtt://127.0.0.1:${this.port}`, {
      reconnectPeriod: 50,
      connectTimeout: 2000,
      clean: true,
      resubscribe: false,
      queueQoSZero: false,
      clientId: `host-${process.pid}-${this.filter}`,
    });
    this.client.on("error", () => {});
    this.client.on("message", (topic, bytes, packet) => this.message(topic, bytes, packet));
    this.client.on("close", () => {
      this.there = false;
      for (const n of this.nodes.values()) Object.assign(n, { online: false, lost: true });
    });
    this.client.on("connect", () => {
      this.client.subscribe({ [this.filter]: { qos: 1 }, [this.pings]: { qos: 1 } }, (err) => {
        this.there = !err;
      });
    });
    return this.back();
  }

  // back waits until it hears what the broker has.
  async back() {
    while (!this.there) await new Promise((done) => setTimeout(done, 10));
  }

  stop() {
    return this.client.endAsync(true);
  }

  node(name) {
    if (!this.nodes.has(name))
      this.nodes.set(name, {
        name,
        online: false,
        bdSeq: undefined,
        seq: -1,
        session: 0,
        owners: new Map(),
        aliases: new Map(),
        deaths: 0,
      });
    return this.nodes.get(name);
  }

  message(topic, bytes, packet) {
    if (topic === this.pings) return this.pong();
    const [space, group, verb, edge, device] = topic.split("/");
    if (space !== "spBv1.0" || group === "STATE" || !/^[ND](BIRTH|DATA|DEATH)$/.test(verb)) return;
    if (packet.retain) this.v.check("contract-nothing-retained", false, `${topic} is retained`);
    const n = this.node(`${group}/${edge}`);
    let raw;
    try {
      ({ raw } = payload.decode(bytes));
    } catch {
      return; // the rules have said so
    }
    if (verb === "NDEATH") return this.death(n, raw);
    const seq = number(raw.seq);
    if (verb === "NBIRTH") {
      this.birth(n, raw);
    } else if (n.online) {
      const ok = seq === (n.seq + 1) % 256;
      if (!ok) this.gaps++;
      this.v.check("host-no-gap", ok, `seq ${seq} after ${n.seq} on ${topic}`);
    }
    if (!n.online && n.session > 0 && !n.lost)
      this.v.check("ignition-no-false-death", false, `${topic} after the death of bdSeq ${n.bdSeq}`);
    n.seq = seq;
    if (verb === "DDEATH") return void n.owners.delete(device);
    this.take(n, verb, device || "", raw);
  }

  // birth begins a session. Ignition takes an unchanged bdSeq for a birth on request.
  birth(n, raw) {
    const b = raw.metrics.find((m) => m.name === "bdSeq");
    Object.assign(n, { online: true, lost: false });
    n.bdSeq = b && has(b, "alias") ? undefined : b && number(b.longValue); // an alias, and Ignition never finds it
    n.session++;
    n.owners.clear();
    n.aliases.clear();
  }

  // death ends the session whose bdSeq it has, and no other.
  death(n, raw) {
    const b = raw.metrics.find((m) => m.name === "bdSeq"),
      seq = b && number(b.longValue);
    n.deaths++;
    if (!n.online) return;
    if (seq === n.bdSeq) {
      n.online = false;
      n.ended = n.bdSeq;
      this.v.check("ignition-death-matches", true, `bdSeq ${seq}`);
      return;
    }
    const old = (seq + 1) % 256 === n.bdSeq;
    if (old) this.v.check("ignition-no-false-death", true, `an old death of bdSeq ${seq} in the session of ${n.bdSeq}`);
    else this.v.check("ignition-death-matches", false, `a death of bdSeq ${seq} in the session of ${n.bdSeq}`);
  }

  // take notes all samples of a message.
  take(n, verb, device, raw) {
    const birth = verb.endsWith("BIRTH");
    if (birth) n.owners.set(device, new Map());
    const owner = n.owners.get(device);
    for (const m of raw.metrics) {
      let known = owner && has(m, "name") ? owner.get(m.name) : undefined;
      if (birth && owner) {
        known = { device, name: m.name, datatype: m.datatype };
        owner.set(m.name, known);
        if (has(m, "alias")) n.aliases.set(number(m.alias), known);
      } else if (has(m, "alias")) {
        known = n.aliases.get(number(m.alias));
      }
      if (!known) continue;
      n.heard = (n.heard || 0) + 1;
      this.heard.push({
        n: this.number(),
        node: n.name,
        session: n.session,
        birth,
        device: known.device,
        name: known.name,
        at: number(m.timestamp),
        value: payload.plain(m, known.datatype),
        historical: m.isHistorical === true,
        sent: number(raw.timestamp),
        quality: (payload.properties(m).Quality || {}).value,
      });
    }
  }

  // ping returns when all that the broker has had before has been heard.
  async ping() {
    const back = new Promise((done) => {
      this.pong = done;
    });
    await this.publish(this.pings, "", { qos: 1 });
    await back;
  }

  publish(topic, body, options) {
    return this.client.publishAsync(topic, body, options);
  }

  command(name, metrics, verb = "NCMD", device = "") {
    const [group, edge] = name.split("/");
    const topic = `spBv1.0/${group}/${verb}/${edge}${device && "/" + device}`;
    return this.publish(topic, Buffer.from(payload.codec.encodePayload({ timestamp: Date.now(), metrics })), { qos: 0 });
  }

  rebirth(name) {
    return this.command(name, [{ name: "Node Control/Rebirth", type: "Boolean", value: true, timestamp: Date.now() }]);
  }

  // state says, retained, that a host is online or offline; old is how it was said in version 2.2.
  state(id, online, timestamp, old = false) {
    if (online === undefined) return this.publish(`spBv1.0/STATE/${id}`, "", { qos: 1, retain: true }); // forgotten
    return old
      ? this.publish(`STATE/${id}`, online ? "ONLINE" : "OFFLINE", { qos: 1, retain: true })
      : this.publish(`spBv1.0/STATE/${id}`, JSON.stringify({ online, timestamp }), { qos: 1, retain: true });
  }

  // retained asks the broker, as somebody new, what it keeps of the nodes.
  async retained() {
    const client = mqtt.connect(`mqtt://127.0.0.1:${this.port}`, { reconnectPeriod: 0 });
    const kept = [];
    client.on("message", (topic, _, p) => {
      if (p.retain && !topic.includes("STATE/")) kept.push(topic);
    });
    await new Promise((done) => client.on("connect", () => client.subscribe(this.filter, { qos: 0 }, done)));
    await this.ping();
    await new Promise((done) => setTimeout(done, 100));
    await client.endAsync(true);
    this.v.check("contract-nothing-retained", kept.length === 0, `kept: ${kept.join(", ") || "nothing"}`);
  }
}

module.exports = { Host };
