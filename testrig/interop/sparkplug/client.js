// npm sparkplug-client as an edge node: what it gets wrong is known, and the checker has to find it.
"use strict";
const sparkplug = require("sparkplug-client");

class ClientEdge {
  constructor(port, name) {
    const [groupId, edgeNode] = name.split("/");
    this.options = {
      serverUrl: `mqtt://127.0.0.1:${port}`,
      username: "",
      password: "",
      groupId,
      edgeNode,
      clientId: `client-${groupId}`,
      version: "spBv1.0",
      publishDeath: false,
      mqttOptions: { reconnectPeriod: 20 },
    };
    this.value = 0;
    this.dead = new Set();
    this.devices = ["boiler", "press"];
  }

  metric(name, type, value) {
    return { name, type, value, timestamp: Date.now() };
  }

  payload(...metrics) {
    return { timestamp: Date.now(), metrics };
  }

  // connect waits for the births; after a crash the client comes back by itself.
  connect() {
    const born = new Promise((done) => {
      this.born = done;
    });
    if (this.client) return born;
    this.client = sparkplug.newClient(this.options);
    this.client.on("birth", () => this.births());
    this.client.on("error", () => {});
    this.client.on("ncmd", (p) => {
      if (p.metrics.some((m) => m.name === "Node Control/Rebirth" && m.value)) this.births();
    });
    return born;
  }

  births() {
    this.client.publishNodeBirth(
      this.payload(this.metric("Node Control/Rebirth", "Boolean", false), this.metric("Devices/press/online", "Boolean", true)),
    );
    for (const d of this.devices) if (!this.dead.has(d)) this.deviceBirth(d);
    this.born();
  }

  deviceBirth(d) {
    this.dead.delete(d);
    this.client.publishDeviceBirth(d, this.payload(this.metric("counter", "UInt32", this.value)));
  }

  data(d, historical) {
    const m = this.metric("counter", "UInt32", ++this.value);
    if (historical) Object.assign(m, { isHistorical: true, timestamp: Date.now() - 60e3 });
    this.client.publishDeviceData(d, this.payload(m));
  }

  nodeData(value) {
    this.client.publishNodeData(this.payload(this.metric("Devices/press/online", "Boolean", value)));
  }

  deviceDeath(d) {
    this.dead.add(d);
    this.client.publishDeviceDeath(d, { timestamp: Date.now() });
  }

  crash() {
    this.client.client.stream.destroy();
  }

  leave() {
    this.client.stop();
  }
}

module.exports = { ClientEdge };
