package main

import (
	"bytes"
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
	if path != "" {
		if a, err := apiOf(path, "", std.in); err == nil {
			a.client.Timeout = askTime
			r := &askedRegisters{api: a, device: d.Name}
			err := r.try(ctx)
			if err == nil {
				fmt.Fprintf(std.err, "asking over the connection of the bridge at %s\n", a.base)
				return r, nil
			}
			if isRefusedEdit(err) {
				fmt.Fprintf(std.err, "over a connection of its own, as the bridge that runs may not be asked: %s\n", forTerminal(err.Error()))
			}
		}
	}
	r, err := bridge.OpenRecorder(ctx, d)
	if err != nil {
		return nil, err
	}
	return ownRegisters{r}, nil
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

// try finds out whether the bridge may be asked: nothing is read for it.
func (r *askedRegisters) try(ctx context.Context) error {
	const nothing = "1 holding 0 0000"
	_, err := r.ask(ctx, map[string]any{"device": r.device, "readings": []any{map[string]any{"dump": nothing}}})
	return err
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

func (r *askedRegisters) record(ctx context.Context, extents []mapping.Extent) (bridge.Record, error) {
	ranges := make([]string, len(extents))
	for i, e := range extents {
		ranges[i] = e.String()
	}
	said, err := r.ask(ctx, map[string]any{"device": r.device, "ranges": ranges})
	if err != nil {
		return bridge.Record{}, err
	}
	record := bridge.Record{Requests: said.Requests}
	if said.Dump != "" {
		if d, err := dump.Parse([]byte(said.Dump)); err == nil {
			record.Snapshot = d.Snapshots[len(d.Snapshots)-1]
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
