// The state of edge nodes as far as their packets show it; the rules are in the files beside this one.
"use strict";
const connect = require("./connect");
const publish = require("./publish");
const rebirth = require("./rebirth");
const primary = require("./primary");
const { Verdicts } = require("./verdicts");

// Node is one edge node over all of its connections.
class Node {
  constructor(name) {
    Object.assign(this, {
      name, // group/node
      bdSeq: undefined, // of the last CONNECT
      alive: new Set(), // devices that were born and have not died, in the births of last
      known: new Set(), // devices that ever were
      told: new Set(), // metrics of its own whose value this process of it has said
      clients: new Set(), // client ids
      open: new Set(), // sessions
      host: "", // primary host, "": none
      afterOffline: null, // the session that it has ended for its primary host
      seqs: 0,
      births: 0,
      data: 0,
      historical: 0,
      deaths: 0,
    });
  }
}

// Session is one connection from its CONNECT on.
class Session {
  constructor(link, node, now) {
    Object.assign(this, {
      link,
      node,
      since: now,
      connack: false,
      subscribed: new Map(),
      asked: new Map(), // filters: granted quality; by message id
      will: null,
      bdSeq: undefined,
      born: false,
      birthAt: 0,
      seq: -1,
      devices: new Map(), // name: Owner
      own: null, // Owner of the node's metrics
      aliases: new Map(), // number: {owner, metric}
      aliasEver: new Map(), // number: owner/name
      usesAliases: false,
      missing: new Set(), // devices that have to be born before data
      requests: [], // rebirths that were asked for and have not come
      deathSent: false,
      disconnected: false,
      over: false,
      states: null, // what the primary host has said on this connection
      published: 0,
    });
  }
}

// Rules judges. Times are milliseconds since 1970; plant says what the plant does, for what cannot be seen in packets.
class Rules {
  constructor(options = {}) {
    this.v = new Verdicts();
    this.nodes = new Map();
    this.sessions = new Map(); // by link
    this.down = new Map(); // devices that the plant has switched off: since when
    this.gone = new Set(); // devices that the configuration no longer has
    this.due = []; // what has to happen until when
    this.hosts = options.hosts || {}; // group/node: id of its primary host
    this.oldest = options.oldest || 3600e3;
    this.proxies = options.proxies || 1;
    // ms until which a device's death, a birth on request and a farewell have to come; that data may be on its way after a
    // request; after which a node has not left.
    this.patience = { death: 12e3, rebirth: 5e3, leave: 4e3, stopped: 1000, stay: 1500, quiet: 700, ...options.patience };
    this.othersOnline = false; // a host that is nobody's primary is online
    this.counts = { packets: 0, swallowed: 0 };
    this.now = () => Date.now();
  }

  node(name) {
    if (!this.nodes.has(name)) {
      const n = new Node(name);
      n.host = this.hosts[name] || "";
      this.nodes.set(name, n);
    }
    return this.nodes.get(name);
  }

  session(link, node) {
    const s = new Session(link, node, this.now());
    this.sessions.set(link, s);
    return s;
  }

  opened() {}

  // broke reports that not the node has ended the session.
  broke(s) {
    return !s.disconnected && (s.brokenBy === "broker" || this.stopping);
  }

  broken(link, message) {
    this.v.check("mqtt-parses", false, message);
  }

  // sent is what an edge node has sent.
  sent(link, p) {
    this.counts.packets++;
    if (link.hole) this.counts.swallowed++;
    this.v.check("mqtt-parses", true);
    if (p.cmd === "connect") return connect.connect(this, link, p);
    const s = this.sessions.get(link);
    if (!s) return;
    switch (p.cmd) {
      case "subscribe":
        return connect.subscribe(this, s, p);
      case "publish":
        return publish.publish(this, s, p);
      case "disconnect":
        return connect.disconnect(this, s, p);
    }
  }

  // received is what the broker has sent to an edge node.
  received(link, p) {
    const s = this.sessions.get(link);
    if (!s) return;
    switch (p.cmd) {
      case "connack":
        s.connack = (p.reasonCode || p.returnCode || 0) === 0;
        return;
      case "suback":
        return connect.suback(this, s, p);
      case "publish":
        if (p.topic.includes("/NCMD/")) return rebirth.command(this, s, p);
        return primary.state(this, s, p);
    }
  }

  closed(link, by) {
    const s = this.sessions.get(link);
    if (s) connect.closed(this, s, by);
  }

  // expect wants done to be true until then, unless over says that it no longer matters.
  expect(ids, ms, done, evidence, over = () => false) {
    this.due.push({ ids, at: this.now() + ms, done, evidence, over });
  }

  // tick looks at what is due.
  tick() {
    const now = this.now();
    this.due = this.due.filter((d) => {
      if (d.over()) return false;
      if (d.done()) {
        this.v.check(d.ids, true, d.evidence);
        return false;
      }
      if (now < d.at) return true;
      this.v.check(d.ids, false, d.evidence);
      return false;
    });
  }

  // plant says of a device that it is down, up, gone from the configuration or there again, and of all that they stop.
  plant(device, is) {
    switch (is) {
      case "stop":
        this.stopping = true;
        break;
      case "start":
        this.stopping = false;
        for (const n of this.nodes.values()) n.told.clear();
        break;
      case "down":
        this.down.set(device, this.now());
        for (const n of this.nodes.values()) publish.expectDeath(this, n, device);
        break;
      case "up":
        this.tick();
        this.down.delete(device);
        break;
      case "gone":
        this.gone.add(device);
        break;
      case "there":
        this.gone.delete(device);
        break;
    }
  }

  end() {
    this.tick();
    const names = [...this.nodes.values()];
    for (const a of names) {
      for (const b of names) {
        if (a === b) continue;
        this.v.check(
          "case-sensitivity-sparkplug-ids",
          a.name.toLowerCase() !== b.name.toLowerCase(),
          `${a.name} and ${b.name}`,
        );
        for (const d of a.known) {
          if (b.known.has(d))
            this.v.check(
              "topic-structure-namespace-duplicate-device-id-across-edge-node",
              true,
              `${d} of ${a.name} and ${b.name}`,
            );
        }
      }
    }
    return this.v;
  }
}

module.exports = { Rules, Node, Session };
