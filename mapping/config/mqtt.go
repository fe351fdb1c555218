package config

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// readMQTT reads what only sinks of type mqtt have.
func readMQTT(s *section, sink *Sink, b *Bridge) {
	address, user, password, encrypted := sinkURL(s, "mqtt", "mqtts", "ws", "wss")
	sink.URL = Secret(address)
	sink.TLS = readTLS(s, encrypted, "mqtts:// or wss://")
	m := &sink.MQTT
	m.Username, m.Password = login(s, user, password)
	m.Version = mqttVersion(s)
	m.ClientID = s.text("client_id", "tagbridge-"+b.Name+"-"+sink.Name)
	if m.ClientID == "" || len(m.ClientID) > 65535 {
		s.value("client_id").problemf("must be 1 to 65535 bytes")
	}
	m.Format = s.oneOf("format", "json", "value", "line", "batch")
	topic := "plant/{bridge}/{device}/{tag}"
	if m.Format == "batch" {
		topic = "plant/{bridge}/{device}"
	}
	m.Topic = readTopic(s, "topic", topic, m.Format)
	m.StateTopic = strings.ReplaceAll(readTopic(s, "state_topic", "plant/{bridge}/_state", ""), "{bridge}", b.Name)
	if !s.has("batch") && (m.Format == "json" || m.Format == "value") {
		sink.Batch = 500 // a message each: what is under way when the bridge ends comes again
	}
	m.QoS = readQoS(s)
	m.Retain = s.bool("retain", false)
	m.InFlight = s.int("in_flight", 20, between[int](1, 1000))
	m.MaxPacket = int(s.size("max_packet", 0, between[int64](0, 256<<20)))
	m.ALPN = s.text("alpn", "")
	if m.ALPN != "" && !encrypted {
		s.value("alpn").problemf("without TLS nobody is asked for a protocol: begin the url with mqtts:// or wss://")
	}
	readSAS(s, m, encrypted)
}

// readSAS reads the key of an Azure IoT Hub device, of which passwords are made.
func readSAS(s *section, m *MQTT, encrypted bool) {
	m.SASKey = s.secret("sas_key")
	v := s.value("sas_key")
	v.shown = ""
	if m.SASKey == "" || v.open {
		return
	}
	if raw, err := base64.StdEncoding.DecodeString(string(m.SASKey)); err != nil || len(raw) == 0 {
		v.problemf("must be a device's shared access key as the portal shows it, in base64")
	}
	switch {
	case m.Password != "":
		v.problemf("passwords are made of it: leave password out")
	case !s.has("client_id"):
		v.problemf("set client_id to the device's id in the hub")
	case !encrypted:
		v.problemf("the hub takes encrypted connections only: begin the url with mqtts:// or wss://")
	}
}

func mqttVersion(s *section) string {
	v := s.value("version")
	if !v.ok || v.open {
		return "5"
	}
	switch v.text {
	case "5", "5.0":
		return "5"
	case "3.1.1":
		return "3.1.1"
	}
	hint := ""
	if strings.HasPrefix(v.text, "3") || v.text == "4" { // 4 is what 3.1.1 is called on the wire
		hint = ": did you mean 3.1.1?"
	}
	v.problemf("must be 5 or 3.1.1%s", hint)
	return "5"
}

func readQoS(s *section) int {
	v := s.value("qos")
	if !v.ok || v.open {
		return 1
	}
	switch v.text {
	case "0":
		return 0
	case "1":
		return 1
	case "2":
		v.problemf("must be 0 or 1; 1 already delivers every sample at least once")
	default:
		v.problemf("must be 0 or 1")
	}
	return 1
}

// readTopic reads a topic template; format says of which messages, "" of the bridge's state.
func readTopic(s *section, key, def, format string) string {
	v := s.value(key)
	if !v.ok || v.open {
		if v.open {
			return v.text
		}
		return def
	}
	if v.text == "" && format == "" {
		return "" // no state
	}
	fields, reason := topicFields(v.text)
	if reason != "" {
		if v.filled {
			reason = "no topic once its ${…} is replaced" // the reason repeats what stands in braces
		}
		v.problemf("%s", reason)
		return def
	}
	has := map[string]bool{}
	for _, f := range fields {
		has[f] = true
		switch {
		case format == "" && f != "bridge":
			v.problemf("{%s} has no meaning here: the state is the whole bridge's", shorten(f))
		case format == "batch" && f == "tag":
			v.problemf("{tag} in the topic of format batch: one message holds many tags")
		}
	}
	if format == "value" && (!has["tag"] || !has["device"]) {
		v.warnf("format value without {device} and {tag} in the topic: nobody can tell whose value it is")
	}
	return v.text
}

var topicWords = []string{"bridge", "device", "tag", "unit_id"}

// hubTopic is how the topic of a device of an Azure IoT Hub ends, the / included.
const hubTopic = "/messages/events/"

// topicFields lists what stands in braces in a topic template, or says what is wrong with it.
func topicFields(topic string) (fields []string, reason string) {
	switch {
	case topic == "":
		return nil, "must not be empty"
	case strings.ContainsAny(topic, "+#"):
		return nil, "+ and # are for subscribing: no message can be published to them"
	case textFault(topic) != "":
		return nil, textFault(topic)
	case strings.HasPrefix(topic, "/") || strings.HasSuffix(topic, "/") && !strings.HasSuffix(topic, hubTopic) ||
		strings.Contains(topic, "//"):
		return nil, "an empty level: drop the / that has nothing before or behind it"
	}
	for rest := topic; ; {
		open := strings.IndexAny(rest, "{}")
		if open < 0 {
			return fields, ""
		}
		end := strings.IndexAny(rest[open+1:], "{}")
		if rest[open] == '}' || end < 0 || rest[open+1+end] == '{' {
			return nil, "braces that do not pair"
		}
		field := rest[open+1 : open+1+end]
		if reason := fieldFault(field); reason != "" {
			return nil, reason
		}
		fields = append(fields, field)
		rest = rest[open+end+2:]
	}
}

func fieldFault(field string) string {
	if label, ok := strings.CutPrefix(field, "label."); ok {
		return labelNameFault(label)
	}
	for _, w := range topicWords {
		if field == w {
			return ""
		}
	}
	return fmt.Sprintf("{%s} is none of {bridge}, {device}, {tag}, {unit_id} and {label.NAME}%s",
		shorten(field), DidYouMean(field, topicWords))
}
