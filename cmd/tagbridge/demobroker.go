package main

import (
	"net/url"

	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
	"tagbridge/testrig/broker"
)

// demoBroker is the broker of the demo and the sinks that publish to it.
type demoBroker struct {
	*broker.Broker
	sinks []*config.Sink
}

// openDemoBroker starts a broker where the MQTT sinks of cfg expect it, if that is on loopback, or where there is room,
// and lets the sinks know. Without such a sink there is none.
func openDemoBroker(cfg *config.Config) (*demoBroker, error) {
	b := &demoBroker{}
	address := ""
	for i := range cfg.Sinks {
		s := &cfg.Sinks[i]
		u, err := url.Parse(string(s.URL))
		if s.Type != "mqtt" || err != nil || u.Scheme != "mqtt" {
			continue
		}
		if onLoopback(u.Host) && (address == "" || address == u.Host) {
			address = u.Host
			b.sinks = append(b.sinks, s)
		}
	}
	if address == "" {
		return nil, nil
	}
	var err error
	if b.Broker, err = broker.Listen(address, broker.Options{}); err != nil {
		if b.Broker, err = broker.Listen("127.0.0.1:0", broker.Options{}); err != nil {
			return nil, err
		}
	}
	for _, s := range b.sinks {
		s.URL = source.Secret("mqtt://" + b.Addr())
	}
	return b, nil
}

func (b *demoBroker) close() error {
	if b == nil {
		return nil
	}
	return b.Stop()
}
