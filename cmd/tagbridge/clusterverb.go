package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"tagbridge/cmd/tagbridge/health"
)

type clusterVerb struct {
	Status    clusterStatusVerb    `cmd:"" help:"Print the members of the cluster, and who reads which endpoint."`
	Push      clusterPushVerb      `cmd:"" help:"Give a checked configuration and its tag maps to all members."`
	Rollback  clusterRollbackVerb  `cmd:"" help:"Give all members an earlier revision of the configuration again."`
	Revisions clusterRevisionsVerb `cmd:"" help:"List the configurations that were pushed, and which one each member has."`
	Drain     clusterDrainVerb     `cmd:"" help:"Have a member give all that it reads to the others, and take nothing."`
}

type clusterStatusVerb struct {
	Target string `arg:"" optional:"" help:"Configuration file of a member, or its http://HOST:PORT; default: /etc/tagbridge/tagbridge.yaml."`
	JSON   bool   `name:"json" help:"Print JSON."`
	CA     string `name:"ca" placeholder:"FILE" help:"Authorities that the member's certificate may be of, PEM."`
}

// clusterSaid is what is read of /api/v1/cluster.
type clusterSaid struct {
	Node     string `json:"node"`
	Attached bool   `json:"attached"`
	Problem  string `json:"problem"`
	Servers  []struct {
		Server    string     `json:"server"`
		Connected bool       `json:"connected"`
		Since     *time.Time `json:"since"`
		Error     string     `json:"error"`
	} `json:"servers"`
	Members []struct {
		Node    string     `json:"node"`
		Self    bool       `json:"self"`
		Joined  bool       `json:"joined"`
		Silent  bool       `json:"silent"`
		Unlike  bool       `json:"unlike"`
		Version string     `json:"version"`
		Heard   *time.Time `json:"heard"`
		Reads   int        `json:"reads"`

		Draining bool   `json:"draining"`
		Revision int    `json:"revision"`
		Note     string `json:"revision_note"`
	} `json:"members"`
	Endpoints []struct {
		Endpoint string     `json:"endpoint"`
		Owner    string     `json:"owner"`
		Here     bool       `json:"here"`
		Only     []string   `json:"only"`
		Since    *time.Time `json:"since"`
	} `json:"endpoints"`
	Warnings []string `json:"warnings"`
}

// Run prints what one member knows. The status is 0 when it is attached and each endpoint is read, else 1.
func (v clusterStatusVerb) Run(ctx context.Context, std streams) error {
	api, err := apiOf(v.Target, v.CA, std.in)
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := api.get(ctx, "/api/v1/cluster", &raw); err != nil {
		return err
	}
	var said clusterSaid
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("the bridge answered something else: %w", err)
	}
	if said.Node == "" {
		return fmt.Errorf("this bridge is in no cluster: bridge.cluster names one")
	}
	if v.JSON {
		fmt.Fprintln(std.out, string(raw))
	} else {
		said.print(std.out, time.Now())
	}
	if !said.well() {
		return exitStatus(exitFailed)
	}
	return nil
}

// well reports that nothing is missing.
func (s *clusterSaid) well() bool {
	for _, e := range s.Endpoints {
		if e.Owner == "" {
			return false
		}
	}
	return s.Attached && s.Problem == ""
}

func (s *clusterSaid) print(out io.Writer, now time.Time) {
	ago := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return health.HowLong(now.Sub(*t))
	}
	switch {
	case s.Problem != "":
		fmt.Fprintln(out, forTerminal(s.Problem))
	case !s.Attached:
		fmt.Fprintf(out, "%s does not reach most of the NATS servers: the others may read what it reads\n", forTerminal(s.Node))
	}
	for _, text := range s.Warnings {
		fmt.Fprintln(out, "warning: "+forTerminal(text))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "member\tstate\theard\tendpoints\tversion\trevision")
	for _, m := range s.Members {
		state := "takes part"
		switch {
		case m.Silent:
			state = "silent"
		case m.Draining:
			state = "gives all away"
		case !m.Joined:
			state = "takes nothing"
		case m.Unlike:
			state = "has other devices or tags"
		}
		revision := ""
		if m.Revision > 0 || m.Note != "" {
			revision = strings.TrimSuffix(fmt.Sprintf("%d, %s", m.Revision, m.Note), ", ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s ago\t%d\t%s\t%s\n", forTerminal(m.Node), state, ago(m.Heard), m.Reads, forTerminal(m.Version), forTerminal(revision))
	}
	fmt.Fprintln(w, "\nNATS server\tstate\tfor\t\t")
	for _, v := range s.Servers {
		state := "connected"
		if !v.Connected {
			state = "down: " + v.Error
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t\t\n", forTerminal(v.Server), forTerminal(state), ago(v.Since))
	}
	fmt.Fprintln(w, "\nendpoint\tread by\tfor\t\t")
	for _, e := range s.Endpoints {
		owner := e.Owner
		if owner == "" {
			owner = "nobody"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t\t\n", forTerminal(e.Endpoint), forTerminal(owner), ago(e.Since))
	}
	w.Flush()
}
