// An OPC UA server by node-opcua, which shares no code with the bridge or its simulator.
// usage: node opcua_server.js PORT FOLDER [JSON]; commands on standard input are answered by a line each.
"use strict";
const path = require("path");
const readline = require("readline");
const opcua = require("node-opcua");
const { DataType, Variant, VariantArrayType, StatusCodes, DataValue } = opcua;

const [port, folder, json] = process.argv.slice(2);
const options = JSON.parse(json || "{}");
const say = (line) => process.stdout.write("> " + line + "\n");

const scalars = {
  Boolean: [DataType.Boolean, true],
  SByte: [DataType.SByte, -7],
  Byte: [DataType.Byte, 200],
  Int16: [DataType.Int16, -1234],
  UInt16: [DataType.UInt16, 65535],
  Int32: [DataType.Int32, -70000],
  UInt32: [DataType.UInt32, 4294967295],
  Int64: [DataType.Int64, [0xffffffff, 0xfffffffe]], // -2
  UInt64: [DataType.UInt64, [0x80000000, 1]], // 2^63 + 1
  Float: [DataType.Float, 23.1],
  Double: [DataType.Double, 23.1],
  String: [DataType.String, "Größe"],
  DateTime: [DataType.DateTime, new Date("2026-01-02T03:04:05.678Z")],
  Guid: [DataType.Guid, "72962B91-FA75-4AE6-8D28-B404DC7DAF63"],
  ByteString: [DataType.ByteString, Buffer.from([1, 2, 3])],
  NodeId: [DataType.NodeId, opcua.resolveNodeId("ns=1;s=x")],
  StatusCode: [DataType.StatusCode, StatusCodes.BadTimeout],
  QualifiedName: [DataType.QualifiedName, { namespaceIndex: 2, name: "Q" }],
  LocalizedText: [DataType.LocalizedText, { text: "Text", locale: "en" }],
};

// structures adds variables of types that only their definitions tell how to decode.
async function structures(addressSpace, space, add, enumeration) {
  const type = (browseName, subtypeOf, partialDefinition) => {
    const made = space.createDataType({ browseName, isAbstract: false, subtypeOf, partialDefinition });
    space.addObject({ browseName: { name: "Default Binary", namespaceIndex: 0 }, encodingOf: made, typeDefinition: "DataTypeEncodingType" });
    return made;
  };
  const field = (name, dataType, more) => ({ name, dataType, valueRank: -1, ...more });
  const point = type("PointType", "Structure", [field("X", DataType.Double), field("N", DataType.Int16)]);
  const optional = type("OptionalType", "Structure", [
    field("A", DataType.Double, { isOptional: true }), field("B", DataType.Int32), field("C", DataType.String, { isOptional: true }),
  ]);
  const union = type("EitherType", "Union", [field("I", DataType.Int32), field("S", DataType.String)]);
  const open = type("OpenType", "Structure", [
    field("P", point.nodeId, { allowSubTypes: true }), field("V", opcua.resolveNodeId("Number"), { allowSubTypes: true }), field("K", DataType.Int32),
  ]);
  const machine = type("MachineType", "Structure", [field("Mode", enumeration.nodeId), field("Count", DataType.Int32)]);
  delete addressSpace.$$extraDataTypeManager; // it was made before these types were
  await opcua.ensureDatatypeExtracted(addressSpace);
  const make = (t, value) => addressSpace.constructExtensionObject(t, value);
  const one = (name, t, value) => add(name, t, { get: () => new Variant({ dataType: DataType.ExtensionObject, value }) });
  const p = make(point, { x: 1.5, n: 3 });
  one("Point", point, p);
  one("Optional", optional, make(optional, { b: 7, c: "there" }));
  one("Either", union, make(union, { s: "text" }));
  one("Open", open, make(open, { p, v: new Variant({ dataType: DataType.Int16, value: 5 }), k: 9 }));
  one("Machine", machine, make(machine, { mode: 2, count: 4 }));
  const points = [p, make(point, { x: 2.5, n: 4 })];
  add("Points", point, { get: () => new Variant({ dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array, value: points }) }, { valueRank: 1 });
}

async function build(server, space) {
  const objects = server.engine.addressSpace.rootFolder.objects;
  const folder = space.addFolder(objects, { browseName: "Press" });
  const add = (name, dataType, value, more) =>
    space.addVariable({ componentOf: folder, browseName: name, nodeId: "s=" + name, dataType, value, ...more });
  for (const [name, [dataType, value]] of Object.entries(scalars)) {
    add(name, dataType, { get: () => new Variant({ dataType, arrayType: VariantArrayType.Scalar, value }) }, { minimumSamplingInterval: 100 });
  }
  add("Array", DataType.Double, { get: () => new Variant({ dataType: DataType.Double, arrayType: VariantArrayType.Array, value: new Float64Array([1.5, 2.5, 3.5]) }) }, { valueRank: 1 });
  add("Matrix", DataType.Int32, { get: () => new Variant({ dataType: DataType.Int32, arrayType: VariantArrayType.Matrix, dimensions: [2, 3], value: new Int32Array([1, 2, 3, 4, 5, 6]) }) }, { valueRank: 2, arrayDimensions: [2, 3] });
  add("Strings", DataType.String, { get: () => new Variant({ dataType: DataType.String, arrayType: VariantArrayType.Array, value: ["a", "bc"] }) }, { valueRank: 1 });
  const enumeration = space.addEnumerationType({ browseName: "StateType", enumeration: ["Stopped", "Running", "Jammed"] });
  add("State", enumeration, { get: () => new Variant({ dataType: DataType.Int32, value: 1 }) });
  const dated = (statusCode, value) => ({
    timestamped_get: () => new DataValue({ statusCode, value: { dataType: DataType.Double, value }, sourceTimestamp: new Date("2026-02-03T04:05:06Z"), serverTimestamp: new Date() }),
  });
  add("Bad", DataType.Double, dated(StatusCodes.BadSensorFailure, 1));
  add("Uncertain", DataType.Double, dated(StatusCodes.UncertainLastUsableValue, 7.5));
  add("Dated", DataType.Double, dated(StatusCodes.Good, 8.5));
  const analog = space.addAnalogDataItem({
    componentOf: folder, browseName: "Force", nodeId: "s=Force", dataType: "Double",
    engineeringUnitsRange: { low: 0, high: 200 }, engineeringUnits: opcua.makeEUInformation("kN", "kN", "kilonewton"),
    value: new Variant({ dataType: DataType.Double, value: 12.5 }),
  });
  analog.setValueFromSource({ dataType: DataType.Double, value: 12.5 });
  const list = space.addVariable({ componentOf: folder, browseName: "List", nodeId: "s=List", dataType: "Int16", valueRank: 1 });
  const setList = (...values) => list.setValueFromSource({ dataType: DataType.Int16, arrayType: VariantArrayType.Array, value: Int16Array.from(values, Number) });
  setList(1, 2);
  await structures(server.engine.addressSpace, space, add, enumeration);
  const many = [];
  for (let i = 0; i < (options.nodes || 0); i++) {
    const v = space.addVariable({ componentOf: folder, browseName: "N" + i, nodeId: "s=Line1/Machine/Node" + i, dataType: "Double" });
    v.setValueFromSource({ dataType: DataType.Double, value: i });
    many.push(v);
  }
  return { analog, many, folder, setList };
}

async function main() {
  const pki = new opcua.OPCUACertificateManager({ rootFolder: path.join(folder, "pki"), automaticallyAcceptUnknownCertificate: !options.strict });
  await pki.initialize();
  const users = new opcua.OPCUACertificateManager({ rootFolder: path.join(folder, "userpki"), automaticallyAcceptUnknownCertificate: true });
  await users.initialize();
  const server = new opcua.OPCUAServer({
    port: Number(port), hostname: "127.0.0.1", resourcePath: "/UA/Interop",
    serverCertificateManager: pki, userCertificateManager: users,
    ...(options.certificate ? { certificateFile: options.certificate, privateKeyFile: options.key } : {}),
    ...(options.buffers ? { transportSettings: { adjustTransportLimits: () => options.buffers } } : {}),
    serverInfo: { applicationUri: "urn:tagbridge:interop", applicationName: { text: "interop" } },
    securityPolicies: [opcua.SecurityPolicy.None, opcua.SecurityPolicy.Basic256Sha256, opcua.SecurityPolicy.Aes128_Sha256_RsaOaep, opcua.SecurityPolicy.Aes256_Sha256_RsaPss],
    securityModes: [opcua.MessageSecurityMode.None, opcua.MessageSecurityMode.Sign, opcua.MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: options.anonymous !== false,
    userManager: { isValidUser: (user, password) => user === "reader" && password === "secret" },
    maxConnectionsPerEndpoint: 100,
    serverCapabilities: { maxSessions: 100, operationLimits: { maxNodesPerRead: options.maxNodesPerRead || 1000, maxMonitoredItemsPerCall: options.maxItems || 1000 } },
  });
  await server.initialize();
  const space = server.engine.addressSpace.registerNamespace("http://tagbridge.example/interop");
  const made = await build(server, space);
  await server.start();
  let turn = 0;
  const commands = {
    set: (v) => made.analog.setValueFromSource({ dataType: DataType.Double, value: Number(v) }),
    list: (...values) => made.setList(...values),
    turn: () => { turn++; for (let i = 0; i < 1000 && i < made.many.length; i++) made.many[(turn * 1000 + i) % made.many.length].setValueFromSource({ dataType: DataType.Double, value: turn + i / 1000 }); },
    drop: () => { for (const e of server.endpoints) e.abruptlyInterruptChannels(); },
    channels: () => server.endpoints.reduce((n, e) => n + e.currentChannelCount, 0),
    sessions: () => server.engine.currentSessionCount,
    subscriptions: () => server.engine.currentSubscriptionCount,
    remove: (name) => { const n = server.engine.addressSpace.findNode("ns=" + space.index + ";s=" + name); server.engine.addressSpace.deleteNode(n); },
    restore: (name) => { space.addVariable({ componentOf: made.folder, browseName: name, nodeId: "s=" + name, dataType: "Double", value: new Variant({ dataType: DataType.Double, value: 99 }) }); },
    trust: async (file) => {
      const pem = require("fs").readFileSync(file, "utf8");
      await pki.trustCertificate(Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64"));
    },
    end: () => process.exit(0),
  };
  readline.createInterface({ input: process.stdin }).on("line", async (line) => {
    const [name, ...args] = line.split(" ");
    try {
      const answer = await commands[name](...args);
      say(answer === undefined ? "ok" : String(answer));
    } catch (err) {
      say("error " + err.message);
    }
  }).on("close", () => process.exit(0));
  say("ready " + server.getEndpointUrl() + " " + server.certificateFile);
}

main().catch((err) => { say("failed " + err.stack.replace(/\n/g, " | ")); process.exit(1); });
