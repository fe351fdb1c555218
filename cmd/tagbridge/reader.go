package main

import (
	"context"
	"fmt"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// reader reads the tags of a device once, again and again: over the connection of the bridge that runs, or one of its own.
type reader struct {
	device   *config.Device
	asked    config.Device // the same, where it is asked
	shown    []int         // which of its tags are those that were asked for, in their order; the others are their inputs
	compiler *bridge.Compiler
	before   []config.Connection // to be read before, for what is computed
	relay    *relay              // nil: over a connection of its own
}

// open finds out whether the bridge that runs with the configuration at path may be asked. Servers of other protocols take
// several connections.
func (r *reader) open(ctx context.Context, path string, std streams) error {
	if _, ok := protocolOf(r.device).(ranger); !ok {
		return nil
	}
	source, err := openAsked(ctx, path, r.device, std)
	if source == nil || err != nil {
		return err
	}
	if r.relay, err = startRelay(ctx, source, r.device.Unit()); err == nil {
		r.relay.reach(&r.asked)
	}
	return err
}

// read reads everything; took is how long the device took for an answer, 0 where that is not known.
func (r *reader) read(ctx context.Context) (got []readingJSON, took time.Duration, err error) {
	for _, e := range r.before {
		if err := bridge.ReadOnce(ctx, e, r.compiler, func(*bridge.Reading) {}); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", e.Devices[0].Name, err)
		}
	}
	if r.relay != nil {
		r.relay.forget()
	}
	e := config.Connection{Endpoint: r.asked.Endpoint, Devices: []*config.Device{&r.asked}}
	err = bridge.ReadOnce(ctx, e, r.compiler, func(x *bridge.Reading) {
		got = append(got, readings(x)...)
		took = max(took, x.Took)
	})
	if err != nil || r.relay == nil {
		return got, took, err
	}
	took, failed := r.relay.failed()
	if failed == nil {
		return got, took, nil
	}
	read := false
	for i := range got {
		if got[i].Quality == mapping.BadNoCommunication.String() {
			got[i].Quality, got[i].Error = mapping.BadTimeout.String(), failed.Error()
		}
		read = read || got[i].Raw != ""
	}
	if !read {
		return nil, 0, failed
	}
	return got, took, nil
}

// chosen are those of got, of all tags, that were asked for.
func (r *reader) chosen(got []readingJSON) []readingJSON {
	list := make([]readingJSON, 0, len(r.shown))
	for _, i := range r.shown {
		if i < len(got) {
			list = append(list, got[i])
		}
	}
	return list
}

func (r *reader) close() {
	if r.relay != nil {
		r.relay.close()
	}
}
