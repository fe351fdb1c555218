package config

import "testing"

// TestBrokersHavePorts fills in the usual ports, so that what is one broker is known to be.
func TestBrokersHavePorts(t *testing.T) {
	for url, want := range map[string]string{
		"mqtt://h": "mqtt://h:1883", "MQTTS://h": "mqtts://h:8883", "ws://h/x": "ws://h:80/x", "wss://h": "wss://h:443",
		"mqtt://h:1": "mqtt://h:1", "mqtt://u:p@[fe80::1]": "mqtt://[fe80::1]:1883", "mqtt://[::1%25eth0]": "mqtt://[::1%25eth0]:1883",
	} {
		cfg, problems := loadText("sinks: [{name: s, type: mqtt, url: \"" + url + "\"}]\n")
		if problems.HasProblems() || string(cfg.Sinks[0].URL) != want {
			t.Errorf("%s is %q, want %s; %v", url, string(cfg.Sinks[0].URL), want, problems)
		}
	}
	for _, k := range sinkKinds() {
		if k.ports != nil && len(k.ports) != len(k.schemes) {
			t.Errorf("%s has %d ports of %d schemes", k.name, len(k.ports), len(k.schemes))
		}
	}
}
