package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/dump"
)

// registerSource is where registers are: those of a device, or of a dump of one, to be read as they are.
type registerSource interface {
	// record reads extents once. With an error the record holds what was read before it.
	record(ctx context.Context, extents []mapping.Extent) (bridge.Record, error)
	close()
}

// openRegisters finds the registers of d: over the connection of the bridge that runs with the configuration at path, if
// there is one that may be asked, else over one of its own. path is empty for a URL. It says on std.err which it is.
func openRegisters(ctx context.Context, path string, d *config.Device, std streams) (registerSource, error) {
	if asked, err := openAsked(ctx, path, d, std); asked != nil || err != nil {
		return asked, err
	}
	r, err := bridge.OpenRecorder(ctx, d)
	if err != nil {
		return nil, err
	}
	return ownRegisters{r}, nil
}

// openAsked finds the registers of d at the bridge that runs with the configuration at path; nil: there is none that may be
// asked, and a connection of one's own may be opened. Of a line that the bridge holds there is no other: that is an error.
func openAsked(ctx context.Context, path string, d *config.Device, std streams) (registerSource, error) {
	if path == "" {
		return nil, nil
	}
	a, err := apiOf(path, "", std.in)
	if err != nil {
		return nil, nil
	}
	a.client.Timeout = askTime
	r := &askedRegisters{api: a, device: d.Name, unit: d.Unit()}
	err = r.try(ctx, d)
	switch {
	case err == nil:
		fmt.Fprintf(std.err, "asking over the connection of the bridge at %s\n", a.base)
		return r, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !isRefusedEdit(err):
		return nil, nil
	case d.Endpoint.Serial.Baud > 0:
		return nil, fmt.Errorf("the bridge at %s holds the line %s, and may not be asked: %w. Set bridge.http.edit: true, and put NAME:PASSWORD of a user who may edit into %s; or stop the bridge",
			a.base, d.Endpoint.Address, err, loginVariable)
	}
	fmt.Fprintf(std.err, "over a connection of its own, as the bridge at %s may not be asked: %s. A device that takes one connection does not take this one beside the bridge's\n",
		a.base, forTerminal(err.Error()))
	return nil, nil
}

// ownRegisters are read over a connection of one's own.
type ownRegisters struct{ *bridge.Recorder }

func (r ownRegisters) record(ctx context.Context, extents []mapping.Extent) (bridge.Record, error) {
	return r.Record(ctx, extents, nil)
}

func (r ownRegisters) close() { _ = r.Close() }

// askTime is how long a bridge may take to read: between its own reads, within its probe share.
const askTime = 2 * time.Minute

// askedRegisters are read by a bridge that runs.
type askedRegisters struct {
	api    *runningAPI
	device string
	unit   int
}

// errNotAsked is why a bridge that was reached does not read.
type errNotAsked struct {
	status int
	text   string
}

func (e *errNotAsked) Error() string { return e.text }

// isRefusedEdit reports that there is a bridge, which does not let this user ask.
func isRefusedEdit(err error) bool {
	not, ok := errors.AsType[*errNotAsked](err)
	return ok && (not.status == http.StatusForbidden || not.status == http.StatusUnauthorized)
}

// try finds out whether the bridge may be asked for d: nothing is read for it.
func (r *askedRegisters) try(ctx context.Context, d *config.Device) error {
	const nothing = "1 holding 0 0000"
	_, err := r.ask(ctx, map[string]any{"device": r.device, "readings": []any{map[string]any{"dump": nothing}}})
	if err != nil && !isRefusedEdit(err) {
		return err
	}
	var devices []struct{ Device, URL string }
	if other := r.api.get(ctx, "/api/v1/devices", &devices); other != nil {
		return cmp.Or(err, other)
	}
	for _, x := range devices {
		if x.Device == r.device && x.URL == bridge.PublicURL(d.Endpoint) {
			return err
		}
	}
	return fmt.Errorf("the bridge at %s reads no device %s at %s", r.api.base, r.device, bridge.PublicURL(d.Endpoint))
}

type askedJSON struct {
	Dump       string
	Requests   int
	Incomplete string
	Refused    []struct{ Range, Why string }
	Error      string
}

func (r *askedRegisters) ask(ctx context.Context, question any) (*askedJSON, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.api.base+"/api/v1/probe", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if name, password, ok := strings.Cut(r.api.login, ":"); ok {
		request.SetBasicAuth(name, password)
	} else if r.api.login != "" {
		request.Header.Set("Authorization", "Bearer "+r.api.login)
	}
	answer, err := r.api.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var said askedJSON
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil && answer.StatusCode == http.StatusOK {
		return nil, fmt.Errorf("what answers at %s is no bridge of this version", r.api.base)
	}
	if answer.StatusCode != http.StatusOK {
		if said.Error == "" {
			said.Error = answer.Status
		}
		return nil, &errNotAsked{answer.StatusCode, said.Error}
	}
	return &said, nil
}

// askAgain is ask, again and again while somebody else is asking on the connection.
func (r *askedRegisters) askAgain(ctx context.Context, question any) (*askedJSON, error) {
	for began := time.Now(); ; {
		said, err := r.ask(ctx, question)
		not, ok := errors.AsType[*errNotAsked](err)
		if !ok || not.status != http.StatusServiceUnavailable || time.Since(began) > askTime || !pauseFor(ctx, time.Second) {
			return said, err
		}
	}
}

func (r *askedRegisters) record(ctx context.Context, extents []mapping.Extent) (bridge.Record, error) {
	ranges := make([]string, len(extents))
	for i, e := range extents {
		ranges[i] = e.String()
	}
	said, err := r.askAgain(ctx, map[string]any{"device": r.device, "ranges": ranges})
	if err != nil {
		return bridge.Record{}, err
	}
	record := bridge.Record{Requests: said.Requests}
	if record.Snapshot, err = dump.ParseSnapshot([]byte(said.Dump)); err != nil {
		return record, fmt.Errorf("what answers at %s is no bridge of this version: %w", r.api.base, err)
	}
	for _, a := range record.Snapshot.Areas {
		if a.Unit != r.unit {
			return bridge.Record{}, fmt.Errorf("the bridge that runs reads device %s as unit %d, and the configuration has %d: reload it first", r.device, a.Unit, r.unit)
		}
	}
	for _, x := range said.Refused {
		if e, err := mapping.ParseExtent(x.Range); err == nil {
			record.Refused = append(record.Refused, bridge.Refused{Extent: e, Why: x.Why})
		}
	}
	if said.Incomplete != "" {
		err = errors.New(said.Incomplete)
	}
	return record, err
}

func (r *askedRegisters) close() {}

// fileRegisters are those of a dump, a snapshot after the other.
type fileRegisters struct {
	dump *dump.Dump
	next int
}

// openDump is the dump at path; nil: that is no file, or none of a dump.
func openDump(path string) (*dump.Dump, error) {
	if !strings.HasSuffix(path, ".dump") {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d, err := dump.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

func (r *fileRegisters) record(context.Context, []mapping.Extent) (bridge.Record, error) {
	at := min(r.next, len(r.dump.Snapshots)-1)
	r.next++
	return bridge.Record{Snapshot: r.dump.Snapshots[at]}, nil
}

func (r *fileRegisters) close() {}
