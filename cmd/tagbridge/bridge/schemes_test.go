package bridge

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"tagbridge/mapping/config"
)

// TestSchemesAreOpened opens what the configuration takes, with the ports that it fills in: drivers and sinks know the
// schemes too.
func TestSchemesAreOpened(t *testing.T) {
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
		"driver: opcua, url: 'opc.tcp://h'", "driver: opcua, url: 'opc.tcp://[::1]/path'",
	} {
		t.Run(device, func(t *testing.T) {
			cfg := load(t, "devices: [{name: d, "+device+", poll: 1s}]\n")
			for _, c := range cfg.Connections() {
				if _, err := newProtocols().of(c.Devices[0]).link(c, log); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, sink := range []string{
		"type: mqtt, url: 'mqtt://h'", "type: mqtt, url: 'MQTTS://h'", "type: mqtt, url: 'ws://h/path'", "type: mqtt, url: 'wss://h:1'",
		"type: mqtt, url: 'mqtt://[fe80::1]'", "type: influxdb, bucket: a/b, url: 'http://h'", "type: influxdb, bucket: a/b, url: 'HTTPS://h:1/x'",
	} {
		t.Run(sink, func(t *testing.T) {
			cfg := load(t, fmt.Sprintf("sinks: [{name: s, %s}]\n", sink))
			s, err := openSink(&cfg.Sinks[0], Options{Log: log})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
		})
	}
}
