package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/source"
)

const maxSize = int64(1) << 50

// config reads the top level.
func (d *reader) config(root *yaml.Node) *Config {
	s := d.Section(root, "the configuration")
	if root.Kind != yaml.MappingNode {
		return nil
	}
	s.Skip(func(key string) bool { return strings.HasPrefix(key, "x-") }) // there to hold anchors, but for x-device
	c := &Config{File: d.File, Bridge: d.bridge(s.Sub("bridge"))}
	devices := d.devices(s)
	c.Maps, c.Tables = d.used.list, d.tables
	sinks := d.sinks(s, &c.Bridge)
	s.Done()
	resolveDerived(devices, d.zone)
	for i := range devices {
		devices[i].Alarms = devices[i].list.AlarmTags()
	}
	keysOfDerived(c, devices)
	checkEndpoints(devices)
	ch := &checker{d: d.Doc, sinks: sinks, devices: devices}
	ch.check()
	for _, r := range devices {
		c.Devices = append(c.Devices, r.Device)
	}
	checkCluster(c, devices)
	for _, r := range sinks {
		c.Sinks = append(c.Sinks, r.Sink)
	}
	return c
}

func (d *reader) bridge(s *source.Section) Bridge {
	b := Bridge{
		Name:    d.bridgeName(s),
		DataDir: d.dataDir(s),
		HTTP:    readHTTP(s),
		Watch:   s.Bool("watch", false),

		Timezone: d.readTimezone(s),
	}
	log := s.Sub("log")
	b.Log = Log{
		Level:  log.OneOf("level", "info", "debug", "warn", "error"),
		Format: log.OneOf("format", "text", "json"),
	}
	log.Done()
	j := s.Sub("journal")
	b.Journal = Journal{
		Sync:     j.Duration("sync", 250*time.Millisecond, source.Between[time.Duration](0, time.Hour)),
		MaxSize:  j.Size("max_size", 1<<30, source.Between[int64](1<<20, maxSize)),
		MaxAge:   j.Duration("max_age", 720*time.Hour, source.Between[time.Duration](time.Minute, 10*source.Year)),
		Keep:     j.Duration("keep", 24*time.Hour, source.Between[time.Duration](0, 10*source.Year)),
		KeepSize: j.Size("keep_size", 256<<20, source.Between[int64](0, maxSize)),
		Rejected: j.Size("rejected", 100<<20, source.Between[int64](0, maxSize)),
	}
	j.Done()
	b.Cluster = d.cluster(s)
	if b.Cluster.Label {
		d.nodeLabel = b.Cluster.Node
	}
	s.Done()
	return b
}

func (d *reader) bridgeName(s *source.Section) string {
	v := s.Value("name")
	if !v.OK {
		return d.o.Hostname
	}
	if v.Open {
		return v.Text
	}
	switch {
	case v.Text == "":
		v.Problemf("must not be empty; left out, it is the host's name")
	case strings.ContainsFunc(v.Text, unicode.IsControl):
		v.Problemf("control characters in a name")
	case strings.ContainsAny(v.Text, "+#/"):
		v.Problemf("a name must not have +, # or /: it becomes a part of MQTT topics")
	case len(v.Text) > source.MaxName:
		v.Problemf("a name has at most %d bytes", source.MaxName)
	default:
		return v.Text
	}
	return d.o.Hostname
}

func (d *reader) dataDir(s *source.Section) string {
	v := s.Value("data_dir")
	switch {
	case v.OK && v.Text == "":
		v.Problemf("must not be empty; left out, it is tagbridge-data beside this file")
	case v.OK:
		return d.Path(v.Text)
	case d.o.StateDir != "":
		dir, _, _ := strings.Cut(d.o.StateDir, ":") // systemd lists them all
		return dir
	}
	return d.Path("tagbridge-data")
}

const defaultListen = "127.0.0.1:8080"

// readHTTP reads bridge.http: an address, or a section.
func readHTTP(s *source.Section) HTTP {
	n := s.Node("http")
	if n == nil {
		return HTTP{Listen: defaultListen}
	}
	if n.Kind != yaml.MappingNode {
		v := s.Doc.Value("http", n)
		h := HTTP{Listen: v.Text}
		checkListen(v, h)
		return h
	}
	sub := s.Doc.Section(n, "http")
	h := HTTP{Users: sub.File("users"), Edit: sub.Bool("edit", false)}
	if h.Edit && h.Users == "" {
		sub.Doc.Problemf(sub.Place("edit"), "edit needs users: who changes something has a name, and a line NAME:HASH:edit in that file")
	}
	v := sub.Value("listen")
	if h.Listen = v.Text; !v.OK {
		h.Listen = defaultListen
	}
	t := sub.Sub("tls")
	h.TLS = TLS{CA: t.File("ca"), Certificate: t.File("certificate"), Key: t.File("key")}
	if (h.TLS.Certificate == "") != (h.TLS.Key == "") {
		t.Doc.Problemf(t.At, "tls of http needs both certificate and key")
	}
	t.Done()
	sub.Done()
	checkListen(v, h)
	return h
}

// checkListen wants an address; one that others can reach must be encrypted and ask who they are.
func checkListen(v source.Value, h HTTP) {
	if !v.OK || v.Open || v.Text == "" {
		return
	}
	host, port, err := net.SplitHostPort(v.Text)
	if err != nil {
		v.Problemf("must be host:port, such as %s, or \"\" for none", defaultListen)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		v.Problemf("the port must be from 0 to 65535")
		return
	}
	addr, err := netip.ParseAddr(host)
	loopback := strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
	if !loopback && (h.TLS.Certificate == "" || h.Users == "") {
		v.Problemf("others can reach this address: give http {listen, tls: {certificate, key}, users}, or listen on %s", defaultListen)
	}
}
