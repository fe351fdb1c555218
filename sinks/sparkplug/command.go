package sparkplug

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Command is what a node was told to do (Sparkplug 3.0.0, 6.4.6).
type Command struct {
	Rebirth bool // births are wanted
	Others  int  // what else was to be written: nothing is, the node only reads
}

// rebirthMetric is the only metric of a node that can be written to. It is known by its name alone: it has no alias.
const rebirthMetric = "Node Control/Rebirth"

// maxMetrics bounds the metrics of a command that are looked at.
const maxMetrics = 1000

var errMetrics = fmt.Errorf("more than %d metrics", maxMetrics)

// ParseCommand reads the payload of an NCMD. Of a payload that is none, nothing is done.
func ParseCommand(b []byte) (c Command, err error) {
	count := 0
	err = fields(b, func(field protowire.Number, kind protowire.Type, v []byte) error {
		if field != payloadMetrics || kind != protowire.BytesType {
			return nil
		}
		if count++; count > maxMetrics {
			return errMetrics
		}
		name, set, err := parseMetric(v)
		switch {
		case err != nil:
			return err
		case name == rebirthMetric && set:
			c.Rebirth = true
		case name != rebirthMetric:
			c.Others++
		}
		return nil
	})
	if err != nil {
		return Command{}, fmt.Errorf("command: %w", err)
	}
	return c, nil
}

// parseMetric is the name of a metric, and whether it holds the Boolean true.
func parseMetric(b []byte) (name string, set bool, err error) {
	null := false
	err = fields(b, func(field protowire.Number, kind protowire.Type, v []byte) error {
		switch {
		case field == metricName && kind == protowire.BytesType:
			name = string(v[:min(len(v), len(rebirthMetric)+1)]) // what is longer is another
		case field == metricBoolean && kind == protowire.VarintType:
			n, _ := protowire.ConsumeVarint(v)
			set = n != 0
		case field == metricNull && kind == protowire.VarintType:
			n, _ := protowire.ConsumeVarint(v)
			null = n != 0
		}
		return nil
	})
	return name, set && !null, err
}

var errField = errors.New("not a Sparkplug payload")

// fields calls each with every field of a message, and what is in it: of one with a length its content, of others the bytes
// as they are.
func fields(b []byte, each func(field protowire.Number, kind protowire.Type, v []byte) error) error {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errField
		}
		b = b[n:]
		if n = protowire.ConsumeFieldValue(field, kind, b); n < 0 {
			return errField
		}
		v := b[:n]
		b = b[n:]
		if kind == protowire.BytesType {
			v, _ = protowire.ConsumeBytes(v)
		}
		if err := each(field, kind, v); err != nil {
			return err
		}
	}
	return nil
}
