package config

import (
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// Sink is one place to deliver to. What only sinks of one type have is in the struct of that type; for the others it is
// zero.
type Sink struct {
	Name    string
	Type    string        // the name of one
	URL     source.Secret // without the user and password it may have been written with
	TLS     TLS
	Match   mapping.Patterns
	Events  bool   // it gets the bridge's events too
	From    string // now, start
	Batch   int    // samples
	Held    string // why it cannot be delivered to as configured: a secret that is not there; "": it can
	Flush   time.Duration
	Influx  Influx
	MQTT    MQTT
	NATS    NATS
	FileOut FileOut
	Source  mapping.Source
}

// sinkKind is what the configuration knows of one type of sinks.
type sinkKind struct {
	name    string
	keys    []string          // that not all sinks have
	schemes []string          // of its URLs, plain and encrypted ones in turn; none: it has no URL
	ports   []string          // the usual ones of the schemes, which its URL then has; none: it stays as it is written
	meant   map[string]string // what else is written for a scheme, in small letters, and which one is meant
	// read reads what only sinks of this type have, and sets what they have other defaults of: Batch and Flush.
	read func(s *source.Section, k *sinkKind, sink *Sink, b *Bridge)
	// outlet is where a sink writes; nil: it may be where others do.
	outlet func(sink *Sink) outlet
	// fields reports whether the tags become fields of InfluxDB, and of which types; nil: they do not.
	fields func(sink *Sink) (fieldRules, bool)
	// check checks what shows only together with the tags; nil: nothing.
	check func(c *checker, r *readSink)
}

// outlet is a place to which two sinks must not write.
type outlet struct {
	place   string // equal where it is the same; "": none
	key     string // what makes it the same, and where that is said
	shown   string // key, with its text where the message needs that
	clash   string // what the message says of the other sink
	allowed bool   // it is a warning only
}

// sinkKinds are all that there are.
func sinkKinds() []sinkKind {
	return []sinkKind{influxKind(), mqttKind(), natsKind(), fileKind()}
}

// sinkKindNamed is the kind of that name; ok is false when there is none.
func sinkKindNamed(name string) (k sinkKind, ok bool) {
	for _, k := range sinkKinds() {
		if k.name == name {
			return k, true
		}
	}
	return k, false
}

// SinkTypes are the names of all types of sinks.
func SinkTypes() []string {
	var names []string
	for _, k := range sinkKinds() {
		names = append(names, k.name)
	}
	return names
}
