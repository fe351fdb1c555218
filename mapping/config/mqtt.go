package config

import (
	"encoding/base64"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// MQTT is the options of a sink of type mqtt.
type MQTT struct {
	Version    string // "5" or "3.1.1"
	ClientID   string
	Username   string
	Password   source.Secret
	Topic      mapping.Template
	StateTopic string
	Format     string // json value line batch sparkplug
	Discovery  string // none homeassistant, of formats json and value
	HomePrefix string // of its topics
	Compress   string // none gzip zstd, of batch and line
	QoS        int
	Retain     bool
	InFlight   int           // messages without an acknowledgement at most
	MaxPacket  int           // bytes of a message at most; 0: what the broker says
	SASKey     source.Secret // shared access key of an Azure IoT Hub device, in place of a password
	ALPN       string        // protocol to ask for in the TLS handshake; "": none
	Sparkplug  Sparkplug     // of format sparkplug
}

func mqttKind() sinkKind {
	return sinkKind{
		name: "mqtt",
		keys: []string{"url", "tls", "username", "password", "version", "client_id", "topic", "state_topic", "format", "qos",
			"retain", "in_flight", "max_packet", "sas_key", "alpn", "compress", "discovery", "discovery_prefix", "sparkplug"},
		schemes: []string{"mqtt", "mqtts", "ws", "wss"},
		ports:   []string{"1883", "8883", "80", "443"},
		meant:   map[string]string{"tcp": "mqtt", "http": "mqtt", "ssl": "mqtts", "tls": "mqtts", "https": "mqtts"},
		read:    readMQTT,
		outlet: func(sink *Sink) outlet {
			if sink.URL == "" {
				return outlet{}
			}
			return outlet{
				place: string(sink.URL) + "\x00" + sink.MQTT.ClientID, key: "client_id", shown: "client_id",
				clash: "has the same at this broker, which would disconnect one of both",
			}
		},
		fields: func(sink *Sink) (fieldRules, bool) { return fieldRules{}, sink.MQTT.Format == "line" },
		check: func(c *checker, r *readSink) {
			if r.MQTT.Format == sparkplugFormat {
				checkSparkplug(c, r)
				return
			}
			checkTopic(c, r)
		},
	}
}

// readMQTT reads what only sinks of type mqtt have.
func readMQTT(s *source.Section, k *sinkKind, sink *Sink, b *Bridge) {
	address, user, password, encrypted := sinkURL(s, k)
	sink.URL = source.Secret(address)
	sink.TLS = readTLS(s, encrypted, "mqtts:// or wss://")
	m := &sink.MQTT
	m.Username, m.Password = login(s, user, password)
	m.Version = mqttVersion(s)
	m.ClientID = s.Text("client_id", "tagbridge-"+b.Name+nodePart(b, "-")+"-"+sink.Name)
	if m.ClientID == "" || len(m.ClientID) > 65535 {
		s.Value("client_id").Problemf("must be 1 to 65535 bytes")
	}
	m.Format = s.OneOf("format", "json", "value", "line", "batch", sparkplugFormat)
	sink.Flush = 20 * time.Millisecond
	if m.Format == "batch" || m.Format == "line" {
		sink.Flush = 200 * time.Millisecond // a round that takes so long is still one message
	}
	m.Compress = readCompress(s, m.Format)
	m.InFlight = s.Int("in_flight", 20, source.Between[int](1, 1000))
	m.MaxPacket = int(s.Size("max_packet", 0, source.Between[int64](0, 256<<20)))
	m.ALPN = s.Text("alpn", "")
	if m.ALPN != "" && !encrypted {
		s.Value("alpn").Problemf("without TLS nobody is asked for a protocol: begin the url with mqtts:// or wss://")
	}
	if m.Sparkplug = readSparkplug(s, k, b, m.Format); m.Format == sparkplugFormat {
		sink.Flush = 100 * time.Millisecond // a round that takes so long is still one message
		withoutSparkplug(s)
		readDiscovery(s, m)
		return
	}
	m.Topic = readTopic(s, m.Format)
	readDiscovery(s, m)
	m.StateTopic = readStateTopic(s, b)
	if !s.Has("batch") && (m.Format == "json" || m.Format == "value") {
		sink.Batch = 500 // a message each: what is under way when the bridge ends comes again
	}
	m.QoS = readQoS(s)
	m.Retain = s.Bool("retain", false)
	readSAS(s, m, encrypted)
}

// readCompress reads how payloads of that format are compressed.
func readCompress(s *source.Section, format string) string {
	c := s.OneOf("compress", "none", "gzip", "zstd")
	if c != "none" && format != "batch" && format != "line" {
		s.Problemf("compress", "one value in a message would only grow: set format: batch or line, or leave compress out")
	}
	return c
}

// nodePart is what makes a name that all members of a cluster would have this one's; "": there is none.
func nodePart(b *Bridge, before string) string {
	if !b.Cluster.On() {
		return ""
	}
	return before + b.Cluster.Node
}

// readSAS reads the key of an Azure IoT Hub device, of which passwords are made.
func readSAS(s *source.Section, m *MQTT, encrypted bool) {
	m.SASKey = s.Secret("sas_key")
	v := s.Value("sas_key")
	v.Shown = ""
	if m.SASKey == "" || v.Open {
		return
	}
	if raw, err := base64.StdEncoding.DecodeString(string(m.SASKey)); err != nil || len(raw) == 0 {
		v.Problemf("must be a device's shared access key as the portal shows it, in base64")
	}
	switch {
	case m.Password != "":
		v.Problemf("passwords are made of it: leave password out")
	case !s.Has("client_id"):
		v.Problemf("set client_id to the device's id in the hub")
	case !encrypted:
		v.Problemf("the hub takes encrypted connections only: begin the url with mqtts:// or wss://")
	}
}

func mqttVersion(s *source.Section) string {
	v := s.Value("version")
	if !v.OK || v.Open {
		return "5"
	}
	switch v.Text {
	case "5", "5.0":
		return "5"
	case "3.1.1":
		return "3.1.1"
	}
	hint := ""
	if strings.HasPrefix(v.Text, "3") || v.Text == "4" { // 4 is what 3.1.1 is called on the wire
		hint = ": did you mean 3.1.1?"
	}
	v.Problemf("must be 5 or 3.1.1%s", hint)
	return "5"
}

func readQoS(s *source.Section) int {
	v := s.Value("qos")
	if !v.OK || v.Open {
		return 1
	}
	switch v.Text {
	case "0":
		return 0
	case "1":
		return 1
	case "2":
		v.Problemf("must be 0 or 1; 1 already delivers every sample at least once")
	default:
		v.Problemf("must be 0 or 1")
	}
	return 1
}
