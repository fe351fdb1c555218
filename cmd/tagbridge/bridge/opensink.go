package bridge

import (
	"fmt"

	"tagbridge/mapping/config"
	"tagbridge/mapping/secure"
	"tagbridge/sinks"
	"tagbridge/sinks/file"
	"tagbridge/sinks/influx"
	"tagbridge/sinks/mqtt"
)

// openSink makes the sink that c describes.
func openSink(c *config.Sink, o Options) (sinks.Sink, error) {
	switch c.Type {
	case "influxdb":
		return influx.Open(influx.Options{
			URL:       string(c.URL),
			TLS:       secure.TLS(c.TLS),
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
	case "mqtt":
		return mqtt.Open(mqttOptions(c, o.Log))
	case "file":
		return file.Open(file.Options{
			Path:    c.FileOut.Path,
			Format:  c.FileOut.Format,
			MaxSize: c.FileOut.MaxSize,
			Stdout:  o.Stdout,
			Logger:  o.Log,
		})
	}
	return nil, fmt.Errorf("a sink of type %s is not available in this version", c.Type)
}
