package bridge

import (
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
	if m.Discovery == config.HomeAssistant {
		with.Discovery = mqtt.Discovery{Prefix: m.HomePrefix, Lookup: o.known}
		return mqtt.OpenHome(with)
	}
	return mqtt.Open(with)
}
