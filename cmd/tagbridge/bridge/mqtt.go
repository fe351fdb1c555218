package bridge

import (
	"log/slog"

	"tagbridge/mapping/config"
	"tagbridge/mapping/secure"
	"tagbridge/sinks/mqtt"
)

// mqttOptions are those of a sink of type mqtt.
func mqttOptions(c *config.Sink, log *slog.Logger) mqtt.Options {
	m := &c.MQTT
	return mqtt.Options{
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
		QoS:        m.QoS,
		Retain:     m.Retain,
		InFlight:   m.InFlight,
		MaxPacket:  m.MaxPacket,
		Logger:     log.With("sink", c.Name),
	}
}
