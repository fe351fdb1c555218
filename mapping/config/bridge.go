package config

import (
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

const maxSize = int64(1) << 50

// config reads the top level.
func (d *reader) config(root *yaml.Node) *Config {
	s := d.section(root, "the configuration")
	if root.Kind != yaml.MappingNode {
		return nil
	}
	s.skip(func(key string) bool { return strings.HasPrefix(key, "x-") }) // only there to hold anchors
	c := &Config{File: d.file, Bridge: d.bridge(s.sub("bridge"))}
	devices := d.devices(s)
	sinks := d.sinks(s, &c.Bridge)
	s.done()
	checkEndpoints(devices)
	ch := &checker{d: d.doc, sinks: sinks, devices: devices}
	ch.check()
	for _, r := range devices {
		c.Devices = append(c.Devices, r.Device)
	}
	for _, r := range sinks {
		c.Sinks = append(c.Sinks, r.Sink)
	}
	return c
}

func (d *reader) bridge(s *section) Bridge {
	b := Bridge{
		Name:    d.bridgeName(s),
		DataDir: d.dataDir(s),
		HTTP:    readHTTP(s),
		Watch:   s.bool("watch", false),
	}
	log := s.sub("log")
	b.Log = Log{
		Level:  log.oneOf("level", "info", "debug", "warn", "error"),
		Format: log.oneOf("format", "text", "json"),
	}
	log.done()
	j := s.sub("journal")
	b.Journal = Journal{
		Sync:     j.duration("sync", 250*time.Millisecond, between[time.Duration](0, time.Hour)),
		MaxSize:  j.size("max_size", 1<<30, between[int64](1<<20, maxSize)),
		MaxAge:   j.duration("max_age", 720*time.Hour, between[time.Duration](time.Minute, 10*year)),
		Rejected: j.size("rejected", 100<<20, between[int64](0, maxSize)),
	}
	j.done()
	s.done()
	return b
}

func (d *reader) bridgeName(s *section) string {
	v := s.value("name")
	if !v.ok {
		return d.o.Hostname
	}
	if v.open {
		return v.text
	}
	switch {
	case v.text == "":
		v.problemf("must not be empty; left out, it is the host's name")
	case strings.ContainsFunc(v.text, unicode.IsControl):
		v.problemf("control characters in a name")
	case strings.ContainsAny(v.text, "+#/"):
		v.problemf("a name must not have +, # or /: it becomes a part of MQTT topics")
	case len(v.text) > maxName:
		v.problemf("a name has at most %d bytes", maxName)
	default:
		return v.text
	}
	return d.o.Hostname
}

func (d *reader) dataDir(s *section) string {
	v := s.value("data_dir")
	switch {
	case v.ok && v.text == "":
		v.problemf("must not be empty; left out, it is tagbridge-data beside this file")
	case v.ok:
		return d.path(v.text)
	case d.o.StateDir != "":
		dir, _, _ := strings.Cut(d.o.StateDir, ":") // systemd lists them all
		return dir
	}
	return filepath.Join(d.dir, "tagbridge-data")
}

const defaultListen = "127.0.0.1:8080"

// readHTTP reads bridge.http: an address, or a section.
func readHTTP(s *section) HTTP {
	n := s.node("http")
	if n == nil {
		return HTTP{Listen: defaultListen}
	}
	if n.Kind != yaml.MappingNode {
		v := s.d.value("http", n)
		h := HTTP{Listen: v.text}
		checkListen(v, h)
		return h
	}
	sub := s.d.section(n, "http")
	h := HTTP{Users: sub.file("users")}
	v := sub.value("listen")
	if h.Listen = v.text; !v.ok {
		h.Listen = defaultListen
	}
	t := sub.sub("tls")
	h.TLS = TLS{CA: t.file("ca"), Certificate: t.file("certificate"), Key: t.file("key")}
	if (h.TLS.Certificate == "") != (h.TLS.Key == "") {
		t.d.problemf(t.at, "tls of http needs both certificate and key")
	}
	t.done()
	sub.done()
	checkListen(v, h)
	return h
}

// checkListen wants an address; one that others can reach must be encrypted and ask who they are.
func checkListen(v value, h HTTP) {
	if !v.ok || v.open || v.text == "" {
		return
	}
	host, port, err := net.SplitHostPort(v.text)
	if err != nil {
		v.problemf("must be host:port, such as %s, or \"\" for none", defaultListen)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		v.problemf("the port must be from 0 to 65535")
		return
	}
	addr, err := netip.ParseAddr(host)
	loopback := strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
	if !loopback && (h.TLS.Certificate == "" || h.Users == "") {
		v.problemf("others can reach this address: give http {listen, tls: {certificate, key}, users}, or listen on %s", defaultListen)
	}
}
