package bridge

import (
	"fmt"

	"tagbridge/mapping/config"
	"tagbridge/sinks"
)

// openers make the sinks of each type that the configuration knows.
var openers = map[string]func(c *config.Sink, o Options) (sinks.Sink, error){
	"influxdb": openInflux,
	"mqtt":     openMQTT,
	"nats":     openNATS,
	"file":     openFile,
}

// openSink makes the sink that c describes.
func openSink(c *config.Sink, o Options) (sinks.Sink, error) {
	open := openers[c.Type]
	if open == nil {
		return nil, fmt.Errorf("a sink of type %s is not available in this version", c.Type)
	}
	return open(c, o)
}
