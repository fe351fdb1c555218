package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/cmd/tagbridge/when"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

type eventsVerb struct {
	Target string   `arg:"" help:"Configuration file, a bridge's data_dir (also a copy), or http://HOST:PORT of a bridge that runs."`
	Since  string   `placeholder:"T" help:"From then on: 2026-03-01T02:00:00Z, 2026-03-01 02:00, 02:00 (today), -6h, -2d."`
	Until  string   `placeholder:"T" help:"Up to then."`
	Device []string `placeholder:"NAME" help:"What happened to this device; may be repeated."`
	Follow bool     `help:"Go on with what happens from now on."`
	JSON   bool     `name:"json" help:"Print JSON, a line each."`
	CA     string   `name:"ca" placeholder:"FILE" help:"Authorities that the bridge's certificate may be of, PEM."`
}

// Run prints a line for each event, in the order of their times.
func (v eventsVerb) Run(ctx context.Context, std streams) error {
	q, err := v.query(time.Now())
	if err != nil {
		return v.wrong(err, std)
	}
	seen := map[string]bool{}
	print := func(e *events.Event) bool {
		seen[e.Device] = true
		return v.print(e, std) == nil
	}
	var known []string
	if isURL(v.Target) {
		err = v.ask(ctx, std, print)
	} else {
		var dir string
		if dir, known, err = v.folder(std); err == nil {
			err = v.read(ctx, dir, q, print)
		}
	}
	if err != nil {
		return err
	}
	for _, d := range v.Device {
		if !seen[d] && known != nil && !slices.Contains(known, d) {
			fmt.Fprintf(std.err, "tagbridge: there is no device %q%s\n", d, source.DidYouMean(d, known))
		}
	}
	return nil
}

func (v eventsVerb) query(now time.Time) (q events.Query, err error) {
	q.Devices = v.Device
	if v.Follow && v.Until != "" {
		return q, errors.New("--follow has no end: leave --until out")
	}
	q.Since, q.Until, err = when.Span(v.Since, v.Until, now)
	return q, err
}

// wrong ends the program as what was typed is wrong.
func (v eventsVerb) wrong(err error, std streams) error {
	fmt.Fprintln(std.err, "tagbridge:", err)
	return exitStatus(exitBadFile)
}

// folder is the folder of events that the target means, and the devices that there are; nil: that is not known.
func (v eventsVerb) folder(std streams) (dir string, known []string, err error) {
	info, err := os.Stat(v.Target)
	switch {
	case v.Target == "-":
	case err != nil:
		return "", nil, fmt.Errorf("%w%s", err, permissionRemedy(err))
	case info.IsDir():
		if events.IsFolder(v.Target) {
			return v.Target, nil, nil // the folder itself
		}
		return events.Folder(v.Target), nil, nil
	}
	cfg, _ := config.Load(v.Target, config.Options{Stdin: std.in})
	if cfg != nil {
		known = []string{}
		for i := range cfg.Devices {
			known = append(known, cfg.Devices[i].Name)
		}
	}
	return events.Folder(bridge.DataDir(cfg, v.Target)), known, nil
}

// read prints what is in dir.
func (v eventsVerb) read(ctx context.Context, dir string, q events.Query, print func(*events.Event) bool) error {
	r := events.NewReader(dir)
	if v.Follow {
		return r.Follow(ctx, q, print)
	}
	err := r.Next(q, print)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no events in %s: no bridge of this version has run with it", dir)
	case err != nil:
		return fmt.Errorf("read events: %w%s", err, permissionRemedy(err))
	}
	return nil
}

// askEvery is how often a bridge is asked for what is new.
const askEvery = time.Second

// ask prints what a bridge that runs has.
func (v eventsVerb) ask(ctx context.Context, std streams, print func(*events.Event) bool) error {
	api, err := apiOf(v.Target, v.CA, std.in)
	if err != nil {
		return err
	}
	query := url.Values{"device": v.Device}
	for name, text := range map[string]string{"since": v.Since, "until": v.Until} {
		if text != "" {
			at, _ := when.Parse(text, time.Now()) // query has seen that it can
			query.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	last := map[string]time.Time{} // what was printed of the last time there is
	for {
		more, newest, err := v.askOnce(ctx, api, query, last, print)
		if err != nil || !more || !v.Follow {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if !newest.IsZero() {
			query.Set("since", newest.UTC().Format(time.RFC3339Nano))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(askEvery):
		}
	}
}

// askOnce prints one answer but for what last has, and has last be what is of its newest time.
func (v eventsVerb) askOnce(ctx context.Context, api *runningAPI, query url.Values, last map[string]time.Time, print func(*events.Event) bool) (more bool, newest time.Time, err error) {
	body, err := api.open(ctx, "/api/v1/events?"+query.Encode())
	if err != nil {
		return false, newest, err
	}
	defer body.Close()
	in := json.NewDecoder(body)
	if _, err := in.Token(); err != nil {
		return false, newest, fmt.Errorf("read the answer: %w", err)
	}
	for in.More() {
		var e events.Event
		if err := in.Decode(&e); err != nil {
			return false, newest, fmt.Errorf("read the answer: %w", err)
		}
		if e.Time.After(newest) {
			newest = e.Time
		}
		key := fmt.Sprintf("%v", e)
		if _, printed := last[key]; !printed && !print(&e) {
			return false, newest, nil
		}
		last[key] = e.Time
	}
	maps.DeleteFunc(last, func(_ string, at time.Time) bool { return at.Before(newest) })
	return true, newest, nil
}

// print prints one event.
func (v eventsVerb) print(e *events.Event, std streams) error {
	if v.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(e)
	}
	_, err := fmt.Fprintln(std.out, wrap(eventLine(e), len(stampForm)+2, terminalWidth(std.out)))
	return err
}

// eventLine is e for people: when, what it is about, what.
func eventLine(e *events.Event) string {
	text := e.Text
	kind := string(e.Kind)
	if !strings.HasPrefix(text, strings.ReplaceAll(kind, "-", " ")) && e.More == 0 {
		text = kind + ": " + text
	}
	if subject := e.Subject(); subject != "" {
		text = subject + ": " + text
	}
	if goesOn := e.Kind == events.DeviceOffline || e.Kind == events.SinkOffline; goesOn && !e.Since.IsZero() && e.More == 0 {
		text += " (still, since " + stamp(e.Since) + ")"
	}
	if e.By != "" {
		text += " (" + e.By + ")"
	}
	return stamp(e.Time) + "  " + forTerminal(text)
}
