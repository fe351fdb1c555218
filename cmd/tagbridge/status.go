package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"time"
)

// exitUnreached is that of status when the bridge is not reached.
const exitUnreached = 2

type statusVerb struct {
	Target string `arg:"" optional:"" help:"Configuration file of the bridge, or its http://HOST:PORT; default: /etc/tagbridge/tagbridge.yaml."`
	Bad    bool   `help:"Print every tag that is not good: since when, why, and its row."`
	JSON   bool   `name:"json" help:"Print JSON."`
	CA     string `name:"ca" placeholder:"FILE" help:"Authorities that the bridge's certificate may be of, PEM."`
}

// statusJSON is what status prints with --json: a verdict, and what the API has said.
type statusJSON struct {
	Well        bool         `json:"well"`
	Verdict     string       `json:"verdict"`
	Delivered   string       `json:"delivered"`
	Problems    []string     `json:"problems"` // what is not well, in words
	Notes       []string     `json:"notes"`    // what is to be known besides
	Devices     []deviceSaid `json:"devices"`
	Connections []lineSaid   `json:"connections"`
	Sinks       []sinkSaid   `json:"sinks"`
	Alarms      []alarmSaid  `json:"alarms"`        // that are active
	Bad         []tagSaid    `json:"bad,omitempty"` // with --bad
}

// What is read of the API's answers.
type (
	verdictSaid struct {
		Well      bool         `json:"well"`
		Verdict   string       `json:"verdict"`
		Delivered string       `json:"delivered"`
		Problems  []remarkSaid `json:"problems"`
		Notes     []remarkSaid `json:"notes"`
	}
	remarkSaid struct {
		Code string `json:"code"`
		Text string `json:"text"`
	}
	deviceSaid struct {
		Device    string     `json:"device"`
		Online    bool       `json:"online"`
		Elsewhere bool       `json:"elsewhere"`
		ReadBy    string     `json:"read_by"`
		Since     *time.Time `json:"since"`
		Error     string     `json:"error"`
		Polls     uint64     `json:"polls"`
		Late      uint64     `json:"late"`
		LatencyMS float64    `json:"latency_ms"`
		Tags      int        `json:"tags"`
		BadTags   int        `json:"bad_tags"`
	}
	lineSaid struct {
		Line      string  `json:"line"`
		Connected bool    `json:"connected"`
		Elsewhere bool    `json:"elsewhere"`
		ReadBy    string  `json:"read_by"`
		Busy      float64 `json:"busy"`
		Overdue   float64 `json:"overdue_seconds"`
		SlowDown  []struct {
			Device string `json:"device"`
			Period string `json:"period"`
			Fits   string `json:"fits"`
		} `json:"slow_down"`
	}
	sinkSaid struct {
		Sink      string `json:"sink"`
		Connected bool   `json:"connected"`
		Delivered uint64 `json:"delivered"`
		Rejected  uint64 `json:"rejected"`
		Dropped   uint64 `json:"dropped"`
		Losses    []struct {
			Reason  string     `json:"reason"`
			Samples uint64     `json:"samples"`
			First   *time.Time `json:"first"`
			Last    *time.Time `json:"last"`
		} `json:"losses"`
		SetAside      int      `json:"set_aside"`
		BehindSamples uint64   `json:"behind_samples"`
		BehindSeconds float64  `json:"behind_seconds"`
		DrainSeconds  *float64 `json:"drain_seconds"`
		Error         string   `json:"error"`
	}
	alarmSaid struct {
		Device   string          `json:"device"`
		Tag      string          `json:"tag"`
		Level    string          `json:"level"`
		Since    *time.Time      `json:"since"`
		Value    json.RawMessage `json:"value"`
		Limit    json.RawMessage `json:"limit"`
		Unit     string          `json:"unit"`
		Quality  string          `json:"quality"`
		Priority int             `json:"priority"`
		Text     string          `json:"text"`
	}
	tagSaid struct {
		Device  string     `json:"device"`
		Tag     string     `json:"tag"`
		Quality string     `json:"quality"`
		Since   *time.Time `json:"since"`
		Error   string     `json:"error"`
		Row     string     `json:"row"`
	}
)

// Run prints how the running bridge does. The status is 0 when all is well, 1 when something is not, and 2 when the bridge
// is not reached.
func (v statusVerb) Run(ctx context.Context, std streams) error {
	s, err := v.ask(ctx, std)
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", forTerminal(err.Error()))
		return exitStatus(exitUnreached)
	}
	if v.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(s)
	} else {
		err = v.print(s, std.out)
	}
	if err == nil && !s.Well {
		return exitStatus(exitFailed)
	}
	return err
}

// ask asks the bridge for all that is shown.
func (v statusVerb) ask(ctx context.Context, std streams) (*statusJSON, error) {
	api, err := apiOf(v.Target, v.CA, std.in)
	if err != nil {
		return nil, err
	}
	var said verdictSaid
	s := &statusJSON{}
	for _, part := range []struct {
		path string
		into any
	}{{"/api/v1/status", &said}, {"/api/v1/devices", &s.Devices}, {"/api/v1/lines", &s.Connections}, {"/api/v1/sinks", &s.Sinks},
		{"/api/v1/alarms", &s.Alarms}} {
		if err := api.get(ctx, part.path, part.into); err != nil {
			return nil, err
		}
	}
	s.Well, s.Verdict, s.Delivered, s.Problems, s.Notes = said.Well, said.Verdict, said.Delivered, textsOf(said.Problems), textsOf(said.Notes)
	if v.Bad {
		s.Bad = []tagSaid{}
		err = api.get(ctx, "/api/v1/tags?"+url.Values{"quality": {"not-good"}}.Encode(), &s.Bad)
	}
	return s, err
}

func textsOf(remarks []remarkSaid) []string {
	texts := make([]string, len(remarks))
	for i, r := range remarks {
		if texts[i] = r.Text; r.Code == "bad-tags" {
			texts[i] += "; status --bad says which, and why"
		}
	}
	return texts
}

// print prints s for people.
func (v statusVerb) print(s *statusJSON, w io.Writer) error {
	p := statusPrinter{w: w, now: time.Now()}
	p.line("%s", s.Verdict)
	if s.Delivered != "" && !v.Bad {
		p.line("Delivered: %s", s.Delivered)
	}
	if v.Bad {
		p.bad(s.Bad)
		return p.err
	}
	p.list("Not well", s.Problems)
	p.list("To be known", s.Notes)
	p.alarms(s.Alarms)
	p.devices(s.Devices)
	p.connections(s.Connections)
	p.sinks(s.Sinks)
	return p.err
}
