package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

type clusterDrainVerb struct {
	Target string        `arg:"" optional:"" help:"Configuration file of the member, or its http://HOST:PORT; default: /etc/tagbridge/tagbridge.yaml."`
	Undo   bool          `help:"Take part again; a restart of the bridge does that, too."`
	Wait   time.Duration `default:"1m" help:"How long others are waited for."`
	CA     string        `name:"ca" placeholder:"FILE" help:"Authorities that the member's certificate may be of, PEM."`
}

// Run has a member give all that it reads to the others, and tells what they took. The status is 1 when it still reads something.
func (v clusterDrainVerb) Run(ctx context.Context, std streams) error {
	api, err := apiOf(v.Target, v.CA, std.in)
	if err != nil {
		return err
	}
	var before clusterSaid
	if err := api.get(ctx, "/api/v1/cluster", &before); err != nil {
		return err
	}
	if err := api.post(ctx, "/api/v1/cluster/drain", map[string]bool{"undo": v.Undo}, nil); err != nil {
		return err
	}
	if v.Undo {
		fmt.Fprintf(std.out, "%s takes part again, and is given its share in a moment\n", forTerminal(before.Node))
		return nil
	}
	return v.await(ctx, api, &before, std)
}

// await tells what moves until nothing more can.
func (v clusterDrainVerb) await(ctx context.Context, api *runningAPI, before *clusterSaid, std streams) error {
	ctx, cancel := context.WithTimeout(ctx, v.Wait)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	told := map[string]bool{}
	for _, e := range before.Endpoints {
		told[e.Endpoint] = !e.Here
	}
	for {
		var now clusterSaid
		err := api.get(ctx, "/api/v1/cluster", &now)
		left, stuck := 0, 0
		for _, e := range now.Endpoints {
			switch {
			case e.Here && !now.elsewhere(e.Only):
				stuck++
			case e.Here:
				left++
			case !told[e.Endpoint] && e.Owner != "":
				told[e.Endpoint] = true
				fmt.Fprintf(std.out, "%s: %s reads it now\n", forTerminal(e.Endpoint), forTerminal(e.Owner))
			case !told[e.Endpoint]:
				left++
			}
		}
		if err == nil && left == 0 {
			return now.drained(stuck, std.out)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if err != nil {
				return err
			}
			fmt.Fprintf(std.out, "nobody took these within %v: it goes on giving them\n", v.Wait)
			now.tellHere(std.out)
			return exitStatus(exitFailed)
		}
	}
}

// elsewhere reports that another member is there, or is just coming, that may read what these alone may (none: any).
func (s *clusterSaid) elsewhere(only []string) bool {
	for _, m := range s.Members {
		if !m.Self && !m.Silent && !m.Draining && (len(only) == 0 || slices.Contains(only, m.Node)) {
			return true
		}
	}
	return false
}

func (s *clusterSaid) drained(stuck int, out io.Writer) error {
	if stuck == 0 {
		fmt.Fprintf(out, "%s reads nothing any more, and takes nothing\n", forTerminal(s.Node))
		return nil
	}
	fmt.Fprintf(out, "%s goes on reading what nobody else may or can read:\n", forTerminal(s.Node))
	s.tellHere(out)
	return exitStatus(exitFailed)
}

func (s *clusterSaid) tellHere(out io.Writer) {
	for _, e := range s.Endpoints {
		if !e.Here {
			continue
		}
		why := ""
		if len(e.Only) > 0 {
			why = " (only: " + strings.Join(e.Only, ", ") + ")"
		}
		fmt.Fprintf(out, "  %s%s\n", forTerminal(e.Endpoint), forTerminal(why))
	}
}

// post sends question to path, and decodes the answer into v (nil: it is of no interest).
func (a *runningAPI) post(ctx context.Context, path string, question, v any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s is no address", a.base)
	}
	r.Header.Set("Content-Type", "application/json")
	a.authorize(r)
	answer, err := a.client.Do(r)
	if err != nil {
		return fmt.Errorf("no bridge is reached at %s: %s", a.base, unreached(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return a.declined(answer)
	}
	if v == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(v)
}
