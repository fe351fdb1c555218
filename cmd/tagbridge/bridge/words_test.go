package bridge

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"tagbridge/mapping/config"
)

// TestWordsAreUnderstood opens what the configuration takes, with the ports that it fills in: drivers and sinks know its
// schemes, formats and versions by their names too.
func TestWordsAreUnderstood(t *testing.T) {
	load := func(t *testing.T, text string) *config.Config {
		path := filepath.Join(t.TempDir(), "plant.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, problems := config.Load(path, config.Options{})
		if problems.HasProblems() {
			t.Fatal(problems)
		}
		return cfg
	}
	log := slog.New(slog.DiscardHandler)
	for _, device := range []string{
		"driver: modbus, url: 'tcp://h'", "driver: modbus, url: 'TCP://H:1502/'", "driver: modbus, url: 'tls://h'",
		"driver: modbus, url: 'udp://h'", "driver: modbus, url: 'rtuovertcp://h:1'", "driver: modbus, url: 'rtuoverudp://h:1'",
		"driver: modbus, url: 'asciiovertcp://h:1'", "driver: modbus, url: 'rtu:///dev/null'", "driver: modbus, url: 'ascii:///dev/null'",
		"driver: opcua, url: 'opc.tcp://h', timestamps: server", "driver: opcua, url: 'opc.tcp://h', timestamps: bridge",
		"driver: opcua, url: 'opc.tcp://h', mode: subscribe", "driver: opcua, url: 'opc.tcp://[::1]/path'",
	} {
		t.Run(device, func(t *testing.T) {
			cfg := load(t, "devices: [{name: d, "+device+", poll: 1s}]\n")
			for _, c := range cfg.Connections() {
				if o := c.Devices[0].OPCUA; o.Timestamps != "" {
					if _, ok := timestamps[o.Timestamps]; !ok {
						t.Errorf("timestamps %q are not known", o.Timestamps)
					}
				}
				if _, err := newProtocols().of(c.Devices[0]).link(c, log); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, sink := range []string{
		"type: mqtt, url: 'mqtt://h'", "type: mqtt, url: 'MQTTS://h'", "type: mqtt, url: 'ws://h/path'", "type: mqtt, url: 'wss://h:1'",
		"type: mqtt, url: 'mqtt://[fe80::1]'", "type: mqtt, url: 'mqtt://h', format: json, version: 5",
		"type: mqtt, url: 'mqtt://h', format: value, version: 5.0", "type: mqtt, url: 'mqtt://h', format: line, version: 3.1.1",
		"type: mqtt, url: 'mqtt://h', format: batch", "type: file, path: '-', format: json", "type: file, path: '-', format: line",
		"type: file, path: '-', format: csv", "type: influxdb, bucket: a/b, url: 'http://h'", "type: influxdb, bucket: a/b, url: 'HTTPS://h:1/x'",
	} {
		t.Run(sink, func(t *testing.T) {
			cfg := load(t, fmt.Sprintf("sinks: [{name: s, %s}]\n", sink))
			s, err := openSink(&cfg.Sinks[0], Options{Log: log, Stdout: io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
		})
	}
}
