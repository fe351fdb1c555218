package bridge

import (
	"fmt"
	"os"
	"strconv"

	"tagbridge/mapping/config"
	"tagbridge/mapping/secure"
	"tagbridge/sinks"
	"tagbridge/sinks/nats"
)

func openNATS(c *config.Sink, o Options) (sinks.Sink, error) {
	n := &c.NATS
	credentials := string(n.Credentials)
	if n.CredentialsFile != "" {
		text, err := os.ReadFile(n.CredentialsFile)
		if err != nil {
			return nil, fmt.Errorf("read credentials: %w", err)
		}
		credentials = string(text)
	}
	with := nats.Options{
		TLS:         secure.TLS(c.TLS),
		Credentials: credentials,
		NKey:        string(n.NKey),
		Username:    n.Username,
		Password:    string(n.Password),
		Name:        "tagbridge " + c.Name,
		Subject:     n.Subject,
		Stream:      n.Stream,
		Format:      n.Format,
		Compress:    n.Compress,
		InFlight:    n.InFlight,
		Logger:      o.Log.With("sink", c.Name),
	}
	if o.origin != nil {
		with.Origin = func() string { return o.origin(c.Name) }
	}
	for _, u := range n.URLs {
		with.URLs = append(with.URLs, string(u))
	}
	return nats.Open(with)
}

// origin names this journal and a sink of it: by the time since when the sink has been there, which the journal keeps. It is
// another one when the data directory is made anew, or the sink was gone for so long that it was forgotten.
func (b *Bridge) origin(sink string) string {
	for _, s := range b.journal.Stat() {
		if s.Sink == sink && !s.Ever.Since.IsZero() {
			return sink + "." + strconv.FormatInt(s.Ever.Since.UnixNano(), 36)
		}
	}
	return ""
}
