package bridge

import (
	"os"
	"path/filepath"

	"tagbridge/mapping/config"
	"tagbridge/mapping/secure"
	"tagbridge/sinks"
	"tagbridge/sinks/mqtt"
)

func openMQTT(c *config.Sink, o Options) (sinks.Sink, error) {
	m := &c.MQTT
	with := mqtt.Options{
		URL:        string(c.URL),
		TLS:        secure.TLS(c.TLS),
		ALPN:       m.ALPN,
		Version:    m.Version,
		ClientID:   m.ClientID,
		Username:   m.Username,
		Password:   string(m.Password),
		SASKey:     string(m.SASKey),
		Topic:      m.Topic,
		StateTopic: m.StateTopic,
		Format:     m.Format,
		Compress:   m.Compress,
		QoS:        m.QoS,
		Retain:     m.Retain,
		InFlight:   m.InFlight,
		MaxPacket:  m.MaxPacket,
		Logger:     o.Log.With("sink", c.Name),
	}
	if m.Format == sparkplugFormat {
		return openSparkplug(c, o, with)
	}
	return openHome(c, o, with)
}

// openHome makes the sink that c describes, base without Home Assistant. One that tells it nothing takes back what it has told
// when it did.
func openHome(c *config.Sink, o Options, base mqtt.Options) (sinks.Sink, error) {
	base.Discovery = mqtt.Discovery{Lookup: o.known, Bridge: o.bridge}
	if o.dataDir != "" {
		base.Discovery.File = filepath.Join(o.dataDir, "discovery", c.Name)
	}
	if c.MQTT.Discovery == config.HomeAssistant {
		base.Discovery.Prefix = c.MQTT.HomePrefix
		return mqtt.OpenHome(base)
	}
	if _, err := os.Stat(base.Discovery.File); err != nil {
		return mqtt.Open(base)
	}
	return mqtt.OpenHome(base)
}
