package web

import (
	"cmp"
	"net/http"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
)

// clusterJSON is the answer of /api/v1/cluster.
type clusterJSON struct {
	Node      string            `json:"node"`     // "": there is no cluster
	Attached  bool              `json:"attached"` // hears most of the servers, and is heard
	Joined    bool              `json:"joined"`   // is given endpoints
	Problem   string            `json:"problem"`
	Stops     bool              `json:"stops"`    // reads nothing while it is not attached
	Draining  bool              `json:"draining"` // gives away what it has
	Taken     uint64            `json:"taken"`    // endpoints, since the process began
	Left      uint64            `json:"left"`
	Takeovers uint64            `json:"takeovers"` // of those taken, of one that was silent
	Isolated  float64           `json:"isolated_seconds"`
	Servers   []natsServerJSON  `json:"servers"`
	Members   []memberJSON      `json:"members"`
	Endpoints []memberPlaceJSON `json:"endpoints"`
	Warnings  []string          `json:"warnings"` // what is wrong that does not keep it from taking part
	Revision  revisionJSON      `json:"revision"`
	Copy      *copyJSON         `json:"copy"` // null: nothing is copied
	Inherited []restJSON        `json:"inherited"`
	Unknown   string            `json:"inherited_error"` // why what is inherited is not known now
}

// restJSON is what a member that is gone has left for a sink.
type restJSON struct {
	Node      string `json:"node"`
	Sink      string `json:"sink"`
	By        string `json:"by"` // who delivers it
	Waits     uint64 `json:"waits"`
	Copied    uint64 `json:"copied"` // of those that wait
	Delivered uint64 `json:"delivered"`
	Missing   uint64 `json:"missing"` // nobody has a copy
	Finished  bool   `json:"finished"`
	NoSink    bool   `json:"no_sink"`
}

// revisionJSON is the configuration that all members are to have, and this one has.
type revisionJSON struct {
	Applied int      `json:"applied"` // 0: none
	Newest  int      `json:"newest"`  // 0: none, or it is not known
	Time    *string  `json:"time"`
	By      string   `json:"by"`
	Comment string   `json:"comment"`
	Differs []string `json:"differs"` // files that were changed here since
	Refused int      `json:"refused"` // 0: none
	Why     string   `json:"why"`
}

type natsServerJSON struct {
	Server    string  `json:"server"`
	Connected bool    `json:"connected"`
	Since     *string `json:"since"`
	Error     string  `json:"error"`
	Lost      uint64  `json:"beats_lost"`
}

type memberJSON struct {
	Node     string  `json:"node"`
	Self     bool    `json:"self"`
	Joined   bool    `json:"joined"`
	Silent   bool    `json:"silent"`
	Unlike   bool    `json:"unlike"`
	Gone     bool    `json:"gone"` // silent, and it had not said that it leaves
	Draining bool    `json:"draining"`
	Version  string  `json:"version"`
	Since    *string `json:"since"`
	Heard    *string `json:"heard"`
	Reads    int     `json:"reads"`
	Revision int     `json:"revision"`
	Note     string  `json:"revision_note"`
	// null: it copies nothing, or does not say
	CopyBehind *uint64  `json:"copy_behind_samples"` // that some sink still needs, and that are not copied
	CopyAge    *float64 `json:"copy_behind_seconds"` // how old the oldest of them is
}

type memberPlaceJSON struct {
	Endpoint string   `json:"endpoint"`
	Owner    string   `json:"owner"`
	Also     []string `json:"also"` // others that read it at the same time
	Only     []string `json:"only"` // these may read it; none: all
	Devices  []string `json:"devices"`
	Here     bool     `json:"here"`
	Epoch    uint64   `json:"epoch"`
	Since    *string  `json:"since"`
	Would    string   `json:"would"` // who would read it if its reader died; "": nobody, or it is not known
}

func (p *pages) cluster(w http.ResponseWriter, _ *http.Request) {
	state, names, _ := p.bridge.Shared()
	answer := clusterOf(&state, names, devicesBehind(p.bridge.Config()))
	answer.Copy = copyOf(p.bridge)
	reply(w, http.StatusOK, answer)
}

func clusterOf(s *bridge.ShareState, names map[string]string, devices map[string][]string) clusterJSON {
	answer := clusterJSON{
		Node: s.Node, Attached: s.Attached, Joined: s.Joined, Problem: s.Problem,
		Stops: s.Stops, Draining: s.Draining, Taken: s.Counts.Taken, Left: s.Counts.Left, Takeovers: s.Counts.Takeovers, Isolated: s.Counts.Isolated.Seconds(),
		Servers: []natsServerJSON{}, Members: []memberJSON{}, Endpoints: []memberPlaceJSON{},
	}
	for _, v := range s.Servers {
		answer.Servers = append(answer.Servers, natsServerJSON{v.Address, v.Up, stampOrNull(v.Since), v.Error, v.Lost})
	}
	for _, m := range s.Members {
		said := memberJSON{
			Node: m.Node, Self: m.Self, Joined: m.Joined, Silent: m.Silent, Unlike: m.Unlike, Gone: m.Gone, Draining: m.Draining, Version: m.Version,
			Since: stampOrNull(m.Since), Heard: stampOrNull(m.Heard), Reads: m.Reads, Revision: m.Revision, Note: m.RevisionNote,
		}
		if m.Copy.Copies {
			said.CopyBehind, said.CopyAge = &m.Copy.Behind, new(m.Copy.Age.Seconds())
		}
		answer.Members = append(answer.Members, said)
	}
	would := heirsOf(s)
	for i, e := range s.Endpoints {
		answer.Endpoints = append(answer.Endpoints, memberPlaceJSON{
			cmp.Or(names[e.Key], e.Key), e.Owner, orNone(e.Also), orNone(e.Only), orNone(devices[e.Key]), e.Here, e.Epoch, stampOrNull(e.Since), would[i],
		})
	}
	answer.Inherited, answer.Unknown = []restJSON{}, s.RestError
	for i := range s.Rests {
		answer.Inherited = append(answer.Inherited, restJSON(s.Rests[i]))
	}
	answer.Warnings = append([]string{}, s.Warnings...)
	r := &s.Revision
	answer.Revision = revisionJSON{r.Number, r.Newest, stampOrNull(r.Time), r.By, r.Comment, append([]string{}, r.Differs...), r.Refused, r.Why}
	return answer
}

// heirsOf is who would read each endpoint of s if its reader died; "" where that is not known.
func heirsOf(s *bridge.ShareState) []string {
	if s.Heirs != nil {
		if list := s.Heirs(); len(list) == len(s.Endpoints) {
			return list
		}
	}
	return make([]string, len(s.Endpoints))
}

// drainJSON asks for a drain.
type drainJSON struct {
	Undo bool `json:"undo"`
}

// drain answers POST /api/v1/cluster/drain.
func (p *pages) drain(w http.ResponseWriter, r *http.Request) {
	var d drainJSON
	if !take(w, r, &d) {
		return
	}
	if err := p.bridge.Drain(!d.Undo, visitorOf(r).name); err != nil {
		refuse(w, http.StatusConflict, "%v", err)
		return
	}
	p.cluster(w, r)
}

// devicesBehind are the names of the devices of each endpoint, by its key.
func devicesBehind(cfg *config.Config) map[string][]string {
	found := map[string][]string{}
	for _, c := range cfg.Connections() {
		for _, d := range c.Devices {
			found[c.Key] = append(found[c.Key], d.Name)
		}
	}
	return found
}

// orNone is list, and never null.
func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
