// An edge node that waits for its primary host, over two brokers, or does so wrongly.
"use strict";
const { Edge } = require("./faulty");

class HostedEdge extends Edge {
  constructor(ports, name, options) {
    super(ports[0], name, options);
    Object.assign(this, { ports, at: 0, online: false, time: -1, born: false });
  }

  births(again) {
    this.again = again;
    if (again || this.is("birth-without-host") || this.online) this.bear();
    else this.listen();
  }

  bear() {
    this.waiting = false;
    this.born = true;
    super.births(this.again);
  }

  connect() {
    this.waiting = false;
    return super.connect();
  }

  listen() {
    this.waiting = true; // from here on what the host says counts
    if (this.is("no-state-subscription")) return void setTimeout(() => this.bear(), 300);
    const ids = this.is("born-by-other-host") ? [this.host, this.host + "-not"] : [this.host];
    this.send({ cmd: "subscribe", messageId: 2, subscriptions: ids.map((id) => ({ topic: `spBv1.0/STATE/${id}`, qos: 1 })) });
  }

  got(p) {
    if (p.cmd === "publish" && p.topic.startsWith("spBv1.0/STATE/")) this.state(JSON.parse(p.payload));
    super.got(p);
  }

  state({ online, timestamp }) {
    if (!this.waiting && !this.born) return;
    const old = timestamp < this.time;
    if (old && !(this.is("leaves-for-old-offline") && !online) && !(this.is("born-by-old-online") && online)) return;
    this.time = Math.max(this.time, timestamp);
    if (online || (this.is("born-by-offline") && !this.born)) {
      if (!this.born) this.bear();
      return;
    }
    if (!this.born || this.is("offline-ignored")) return;
    this.born = false;
    const left = this.socket;
    if (!this.is("two-servers")) this.leave();
    if (!this.is("same-server-again")) this.at = 1 - this.at;
    this.port = this.ports[this.at];
    if (this.is("two-servers")) setTimeout(() => left.end(), 500);
    this.connect();
  }
}

module.exports = { HostedEdge };
