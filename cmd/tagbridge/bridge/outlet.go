package bridge

import (
	"errors"
	"fmt"
	"path/filepath"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/sinks"
	"tagbridge/sinks/file"
	"tagbridge/sinks/influx"
)

// outlet is one sink with its forwarder.
type outlet struct {
	conf      *config.Sink
	sink      sinks.Sink
	rejects   *sinks.Rejects
	forwarder *sinks.Forwarder
}

func (b *Bridge) openOutlet(c *config.Sink) (*outlet, error) {
	sink, err := b.openSink(c)
	if err != nil {
		return nil, err
	}
	patterns, err := mapping.ParsePatterns(c.Match)
	if err != nil {
		return nil, fmt.Errorf("match: %w", err)
	}
	start, fresh := b.journal.Start(c.Name, c.From)
	o := &outlet{conf: c, sink: sink}
	o.rejects = sinks.NewRejects(sinks.RejectsOptions{
		Dir:     filepath.Join(b.cfg.Bridge.DataDir, "rejected", c.Name),
		MaxSize: b.cfg.Bridge.Journal.Rejected,
	})
	o.forwarder = sinks.NewForwarder(sinks.ForwarderOptions{
		Name:    c.Name,
		Log:     b.journal,
		Sink:    sink,
		Match:   sinks.NewMatch(patterns),
		Batch:   c.Batch,
		Flush:   c.Flush,
		Start:   start,
		Fresh:   fresh,
		Reject:  o.rejects,
		Present: b.present,
		Logger:  b.o.Log,
	})
	return o, nil
}

// openSink makes the sink that c describes.
func (b *Bridge) openSink(c *config.Sink) (sinks.Sink, error) {
	switch c.Type {
	case "influxdb":
		return influx.Open(influx.Options{
			URL:       string(c.URL),
			TLS:       sinks.TLS(c.TLS),
			Org:       c.Influx.Org,
			Bucket:    c.Influx.Bucket,
			Token:     string(c.Influx.Token),
			Username:  c.Influx.Username,
			Password:  string(c.Influx.Password),
			Narrow:    c.Influx.Layout == "narrow",
			Gzip:      c.Influx.Gzip,
			Precision: c.Influx.Precision,
			Unsigned:  c.Influx.Unsigned,
		})
	case "file":
		return file.Open(file.Options{
			Path:    c.FileOut.Path,
			Format:  c.FileOut.Format,
			MaxSize: c.FileOut.MaxSize,
			Stdout:  b.o.Stdout,
			Logger:  b.o.Log,
		})
	}
	return nil, fmt.Errorf("a sink of type %s is not available in this version", c.Type)
}

func (o *outlet) close() error {
	return errors.Join(o.sink.Close(), o.rejects.Close())
}
