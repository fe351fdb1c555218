package bridge

import (
	"tagbridge/mapping/config"
	"tagbridge/mapping/secure"
	"tagbridge/sinks"
	"tagbridge/sinks/influx"
)

func openInflux(c *config.Sink, _ Options) (sinks.Sink, error) {
	in := &c.Influx
	return influx.Open(influx.Options{
		URL:       string(c.URL),
		TLS:       secure.TLS(c.TLS),
		Org:       in.Org,
		Bucket:    in.Bucket,
		Token:     string(in.Token),
		Username:  in.Username,
		Password:  string(in.Password),
		Narrow:    in.Layout == "narrow",
		Gzip:      in.Gzip,
		Precision: in.Precision,
		Unsigned:  in.Unsigned,
		Integers:  in.Integers,
	})
}
