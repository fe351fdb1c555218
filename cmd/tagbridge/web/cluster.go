package web

import (
	"cmp"
	"net/http"

	"tagbridge/cmd/tagbridge/bridge"
)

// clusterJSON is the answer of /api/v1/cluster.
type clusterJSON struct {
	Node      string            `json:"node"`     // "": there is no cluster
	Attached  bool              `json:"attached"` // hears most of the servers, and is heard
	Joined    bool              `json:"joined"`   // is given endpoints
	Problem   string            `json:"problem"`
	Servers   []natsServerJSON  `json:"servers"`
	Members   []memberJSON      `json:"members"`
	Endpoints []memberPlaceJSON `json:"endpoints"`
	Warnings  []string          `json:"warnings"` // what is wrong that does not keep it from taking part
	Revision  revisionJSON      `json:"revision"`
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
}

type memberJSON struct {
	Node    string  `json:"node"`
	Self    bool    `json:"self"`
	Joined  bool    `json:"joined"`
	Silent  bool    `json:"silent"`
	Unlike  bool    `json:"unlike"`
	Version string  `json:"version"`
	Heard   *string `json:"heard"`
	Reads   int     `json:"reads"`

	Draining bool   `json:"draining"`
	Revision int    `json:"revision"`
	Note     string `json:"revision_note"`
}

type memberPlaceJSON struct {
	Endpoint string  `json:"endpoint"`
	Owner    string  `json:"owner"`
	Here     bool    `json:"here"`
	Epoch    uint64  `json:"epoch"`
	Since    *string `json:"since"`

	Only []string `json:"only"`
}

func (p *pages) cluster(w http.ResponseWriter, _ *http.Request) {
	state, names, _ := p.bridge.Shared()
	reply(w, http.StatusOK, clusterOf(&state, names))
}

func clusterOf(s *bridge.ShareState, names map[string]string) clusterJSON {
	answer := clusterJSON{
		Node: s.Node, Attached: s.Attached, Joined: s.Joined, Problem: s.Problem,
		Servers: []natsServerJSON{}, Members: []memberJSON{}, Endpoints: []memberPlaceJSON{},
	}
	for _, v := range s.Servers {
		answer.Servers = append(answer.Servers, natsServerJSON{v.Address, v.Up, stampOrNull(v.Since), v.Error})
	}
	for _, m := range s.Members {
		answer.Members = append(answer.Members, memberJSON{m.Node, m.Self, m.Joined, m.Silent, m.Unlike, m.Version, stampOrNull(m.Heard), m.Reads,
			m.Draining, m.Revision, m.RevisionNote})
	}
	for _, e := range s.Endpoints {
		answer.Endpoints = append(answer.Endpoints, memberPlaceJSON{cmp.Or(names[e.Key], e.Key), e.Owner, e.Here, e.Epoch, stampOrNull(e.Since),
			append([]string{}, e.Only...)})
	}
	answer.Warnings = append([]string{}, s.Warnings...)
	r := &s.Revision
	answer.Revision = revisionJSON{r.Number, r.Newest, stampOrNull(r.Time), r.By, r.Comment, append([]string{}, r.Differs...), r.Refused, r.Why}
	return answer
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
