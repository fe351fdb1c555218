// Payloads as npm sparkplug-payload decodes them, and what its decoder hides: which fields are there at all.
"use strict";
const proto = require("sparkplug-payload/lib/sparkplugPayloadProto").org.eclipse.tahu.protobuf.Payload;
const codec = require("sparkplug-payload").get("spBv1.0");

// types are the numbers of the specification's basic data types, and the field of a metric that holds a value of each.
const types = {
  1: "intValue",
  2: "intValue",
  3: "intValue",
  4: "longValue",
  5: "intValue",
  6: "intValue",
  7: "longValue",
  8: "longValue",
  9: "floatValue",
  10: "doubleValue",
  11: "booleanValue",
  12: "stringValue",
  13: "longValue",
  14: "stringValue",
  15: "stringValue",
};
const TOO_WIDE = "a data type does not fit into 32 bits";
const INT32 = 3,
  INT64 = 4,
  BOOLEAN = 11,
  PROPERTY_SET = 20,
  PROPERTY_SET_LIST = 21;
const valueFields = [
  "intValue",
  "longValue",
  "floatValue",
  "doubleValue",
  "booleanValue",
  "stringValue",
  "bytesValue",
  "datasetValue",
  "templateValue",
  "extensionValue",
];

const has = (o, field) => o != null && Object.prototype.hasOwnProperty.call(o, field) && o[field] != null;
const number = (v) => (v != null && typeof v === "object" && v.toNumber ? v.toNumber() : v);

// fields is what each message may hold, by number: its wire type, and for a message its own fields. What is not in it, no
// decoder of version 3.0 knows.
const propertyValue = { 1: [0], 2: [0], 3: [0], 4: [0], 5: [5], 6: [1], 7: [0], 8: [2], 9: [2], 10: [2] };
const propertySet = { 1: [2], 2: [2, propertyValue] };
propertyValue[9] = [2, propertySet];
const metaData = { 1: [0], 2: [2], 3: [0], 4: [0], 5: [2], 6: [2], 7: [2], 8: [2] };
const metric = {
  1: [2],
  2: [0],
  3: [0],
  4: [0],
  5: [0],
  6: [0],
  7: [0],
  8: [2, metaData],
  9: [2, propertySet],
  10: [0],
  11: [0],
  12: [5],
  13: [1],
  14: [0],
  15: [2],
  16: [2],
  17: [2],
  18: [2],
  19: [2],
};
const payload = { 1: [0], 2: [2, metric], 3: [0], 4: [2], 5: [2] };
const repeated = new Map([
  [payload, new Set([2])],
  [propertySet, new Set([1, 2])],
]);

// strict walks the bytes of a message and returns what is wrong with them, or "". Decoders pass over most of it: fields that
// they do not know, and fields that are there twice.
function strict(bytes, message = payload) {
  const seen = new Set();
  for (let at = 0; at < bytes.length;) {
    let key, length;
    [key, at] = varint(bytes, at);
    if (at < 0) return "a field's number is cut";
    const field = Number(key >> 3n),
      wire = Number(key & 7n),
      known = message[field];
    if (!known) return `field ${field} is not of version 3.0`;
    if (known[0] !== wire) return `field ${field} has wire type ${wire}, not ${known[0]}`;
    if (seen.has(field) && !(repeated.get(message) || new Set()).has(field)) return `field ${field} is there twice`;
    seen.add(field);
    switch (wire) {
      case 0: {
        let value;
        [value, at] = varint(bytes, at);
        if (at < 0) return `field ${field} is cut`;
        if (value > 0xffffffffn && ((message === metric && field === 4) || (message === propertyValue && field === 1)))
          return TOO_WIDE;
        break;
      }
      case 1:
        at += 8;
        break;
      case 5:
        at += 4;
        break;
      default: {
        [length, at] = varint(bytes, at);
        if (at < 0 || at + Number(length) > bytes.length) return `field ${field} is cut`;
        const part = bytes.subarray(at, at + Number(length));
        const inner = known[1] ? strict(part, known[1]) : "";
        if (inner) return `in field ${field}: ${inner}`;
        at += Number(length);
      }
    }
    if (at > bytes.length) return `field ${field} is cut`;
  }
  return "";
}

// varint returns a number and where it ends, -1 when it is cut or longer than ten bytes.
function varint(bytes, at) {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (at >= bytes.length) return [0n, -1];
    const b = bytes[at++];
    value |= BigInt(b & 0x7f) << shift;
    if (b < 0x80) return [value, at];
  }
  return [0n, -1];
}

// decode is the message with only the fields that are there. It throws what the library throws.
function decode(bytes) {
  return { raw: proto.decode(bytes) };
}

// valueOf is a metric's value as the library gives it to a host that has learnt its type from the birth, as text; null when
// there is none. Large integers are in full.
function valueOf(raw, datatype) {
  if (raw.isNull === true) return null;
  const field = types[datatype];
  if (!field || !has(raw, field)) return undefined;
  const one = proto.Metric.create(raw);
  Object.assign(one, { datatype, properties: null, metadata: null });
  const [m] = codec.decodePayload(proto.encode({ metrics: [one] }).finish()).metrics;
  if (datatype === 7) return String(number(raw.longValue) >>> 0); // the library makes a signed number of it
  if (datatype === 4) return BigInt.asIntN(64, BigInt(m.value.toString())).toString();
  return String(m.value);
}

// plain is the same without the library's last step, which is slow: for those who look at many values.
function plain(raw, datatype) {
  if (raw.isNull === true) return null;
  const field = types[datatype];
  if (!field || !has(raw, field)) return undefined;
  const v = raw[field];
  switch (datatype) {
    case 1:
    case 2:
    case 3:
      return String(v | 0);
    case 4:
      return v.toSigned ? v.toSigned().toString() : String(v);
    default:
      return String(v); // a Long too
  }
}

// properties are a metric's, by key, each {type, field, value}.
function properties(raw) {
  const out = {};
  if (!has(raw, "properties")) return out;
  const { keys = [], values = [] } = raw.properties;
  keys.forEach((key, i) => {
    const v = values[i];
    if (!v) return;
    const field = valueFields.find((f) => has(v, f));
    out[key] = { type: has(v, "type") ? v.type : undefined, field, value: field && number(v[field]) };
  });
  return out;
}

module.exports = {
  TOO_WIDE,
  proto,
  codec,
  decode,
  strict,
  valueOf,
  plain,
  properties,
  has,
  number,
  types,
  valueFields,
  INT32,
  INT64,
  BOOLEAN,
  PROPERTY_SET,
  PROPERTY_SET_LIST,
};
