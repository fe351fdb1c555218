// A way to a broker on which every packet is seen, parsed by mqtt-packet, before it goes on unchanged.
"use strict";
const net = require("net");
const mqtt = require("mqtt-packet");

// Proxy tells watch of {opened, sent, received, closed}: sent is what the edge node says, received what the broker answers.
class Proxy {
  constructor(name, target, watch) {
    Object.assign(this, { name, target, watch, links: new Set() });
    this.server = net.createServer({ noDelay: true }, (client) => this.accept(client));
  }

  listen() {
    return new Promise((done) =>
      this.server.listen(this.port || 0, "127.0.0.1", () => done((this.port = this.server.address().port))),
    );
  }

  accept(client) {
    client.on("error", () => {});
    const broker = net.connect({ port: this.target, host: "127.0.0.1", noDelay: true });
    const link = { proxy: this.name, client, broker, hole: false, version: 4, broken: "", ended: false, topics: new Map() };
    this.links.add(link);
    this.watch.opened(link);
    link.fromEdge = this.parser(link, (p) => {
      if (p.cmd === "connect") {
        link.version = p.protocolVersion;
        link.fromEdge.settings.protocolVersion = link.fromBroker.settings.protocolVersion = p.protocolVersion;
      }
      if (p.cmd === "publish") aliased(link.topics, p);
      this.watch.sent(link, p);
    });
    link.fromBroker = this.parser(link, (p) => this.watch.received(link, p));
    this.join(link, client, broker, link.fromEdge);
    this.join(link, broker, client, link.fromBroker);
  }

  parser(link, each) {
    const parser = mqtt.parser({});
    parser.settings = {};
    parser.on("packet", each);
    parser.on("error", (err) => {
      link.broken = link.broken || err.message;
      this.watch.broken(link, err.message);
    });
    return parser;
  }

  // join carries what from says to to. In a hole nothing arrives, and nobody hears that the other has hung up.
  join(link, from, to, parser) {
    from.on("data", (chunk) => {
      if (link.hole && from === link.broker) return;
      parser.parse(chunk);
      if (link.hole) return;
      if (this.slow && from === link.client) {
        from.pause();
        setTimeout(() => from.resume(), (1000 * chunk.length) / this.slow);
      }
      if (!to.write(chunk)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
    });
    from.on("error", () => {});
    from.on("close", () => {
      if (!link.ended) {
        link.ended = true;
        this.watch.closed(link, from === link.client ? "edge" : "broker");
      }
      if (link.hole) return;
      this.links.delete(link);
      to.end();
      setTimeout(() => to.destroy(), 200).unref();
    });
  }

  // cut ends all connections at once.
  cut() {
    for (const link of this.links) {
      link.client.resetAndDestroy();
      link.broker.resetAndDestroy();
    }
  }

  // throttle carries so many bytes a second of what nodes say, 0: all.
  throttle(slow) {
    this.slow = slow;
  }

  // swallow lets nothing through any more on the connections that there are: half open, without a word. New ones are carried.
  swallow() {
    for (const link of this.links) link.hole = true;
  }

  // refuse has nobody listen, as when a broker was killed, or listens again at the same port.
  refuse(yes) {
    return yes
      ? new Promise((done) => {
          this.server.close();
          done();
        })
      : this.listen();
  }

  close() {
    this.server.close();
    this.cut();
  }
}

// aliased gives a message of MQTT 5 that names its topic by a number the topic.
function aliased(topics, p) {
  const n = (p.properties || {}).topicAlias;
  if (n === undefined) return;
  if (p.topic) topics.set(n, p.topic);
  else p.topic = topics.get(n) || "";
}

module.exports = { Proxy };
