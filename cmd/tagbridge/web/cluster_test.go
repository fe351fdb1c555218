package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
)

// TestClusterAnswer has who would read what be said where it is known, and lists never be null.
func TestClusterAnswer(t *testing.T) {
	s := bridge.ShareState{
		Node: "pc-a", Endpoints: []bridge.ShareEndpoint{{Key: "1", Owner: "pc-a"}, {Key: "2", Owner: "pc-b"}},
		Rests: []bridge.ShareRest{{Node: "pc-c", Sink: "influx", By: "pc-b", Waits: 7, Copied: 5}}, RestError: "no responders",
		Heirs: func() []string { return []string{"pc-b", ""} },
	}
	s.Members = []bridge.ShareMember{{Node: "pc-a", Copy: bridge.ShareCopy{Copies: true, Behind: 7, Age: 1500 * time.Millisecond}}, {Node: "pc-b"}}
	answer := clusterOf(&s, map[string]string{"1": "tcp://10.0.0.1:502"}, nil)
	if answer.Endpoints[0].Would != "pc-b" || answer.Endpoints[1].Would != "" || answer.Endpoints[0].Endpoint != "tcp://10.0.0.1:502" {
		t.Errorf("%+v", answer.Endpoints)
	}
	if r := answer.Inherited[0]; r.Node != "pc-c" || r.By != "pc-b" || r.Waits != 7 || r.Copied != 5 || answer.Unknown != "no responders" {
		t.Errorf("%+v", answer)
	}
	if a, b := &answer.Members[0], &answer.Members[1]; *a.CopyBehind != 7 || *a.CopyAge != 1.5 || b.CopyBehind != nil || b.CopyAge != nil {
		t.Errorf("%+v", answer.Members)
	}
	for name, heirs := range map[string]func() []string{"nobody": nil, "too many": func() []string { return nil }, "others": func() []string { return []string{"pc-z"} }} {
		s.Heirs = heirs
		if answer := clusterOf(&s, nil, nil); answer.Endpoints[0].Would != "" {
			t.Errorf("%s: %+v", name, answer.Endpoints)
		}
	}
	text, err := json.Marshal(clusterOf(&bridge.ShareState{}, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if bare := strings.ReplaceAll(string(text), `"copy":null`, ""); strings.Contains(strings.ReplaceAll(bare, `"time":null`, ""), "null") {
		t.Errorf("a list is null: %s", text)
	}
}
