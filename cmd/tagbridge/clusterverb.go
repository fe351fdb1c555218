package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
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
	Stops    bool   `json:"stops"`
	Draining bool   `json:"draining"`
	Servers  []struct {
		Server    string     `json:"server"`
		Connected bool       `json:"connected"`
		Since     *time.Time `json:"since"`
		Error     string     `json:"error"`
	} `json:"servers"`
	Members []struct {
		Node     string     `json:"node"`
		Self     bool       `json:"self"`
		Joined   bool       `json:"joined"`
		Silent   bool       `json:"silent"`
		Unlike   bool       `json:"unlike"`
		Gone     bool       `json:"gone"`
		Draining bool       `json:"draining"`
		Revision int        `json:"revision"`
		Note     string     `json:"revision_note"`
		Version  string     `json:"version"`
		Since    *time.Time `json:"since"`
		Heard    *time.Time `json:"heard"`
		Reads    int        `json:"reads"`
		Behind   *uint64    `json:"copy_behind_samples"`
		Age      float64    `json:"copy_behind_seconds"`
	} `json:"members"`
	Endpoints []clusterEndpointSaid `json:"endpoints"`
	Warnings  []string              `json:"warnings"`
	Copy      *copySaid             `json:"copy"`
	Inherited []restSaid            `json:"inherited"`
	Unknown   string                `json:"inherited_error"`
}

type clusterEndpointSaid struct {
	Endpoint string     `json:"endpoint"`
	Devices  []string   `json:"devices"`
	Owner    string     `json:"owner"`
	Here     bool       `json:"here"`
	Also     []string   `json:"also"`
	Only     []string   `json:"only"`
	Epoch    uint64     `json:"epoch"`
	Since    *time.Time `json:"since"`
	Would    string     `json:"would"`
}

// Run prints what one member knows. The status is 0 when it is attached, no member is gone and each endpoint is read by one, else 1.
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
		said.Copy.print(std.out)
		(&clusterPrinter{out: std.out, now: time.Now(), said: &said}).print()
	}
	if !said.well() {
		return exitStatus(exitFailed)
	}
	return nil
}

// well reports that nothing is missing.
func (s *clusterSaid) well() bool {
	for _, e := range s.Endpoints {
		if e.Owner == "" || len(e.Also) > 0 {
			return false
		}
	}
	for _, m := range s.Members {
		if m.Gone {
			return false
		}
	}
	return s.Attached && s.Problem == ""
}
