package web

import (
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/sinks"
)

func TestReadinessSaysWhatIsNotWell(t *testing.T) {
	r := answering(t, `  - {name: safe, driver: modbus, url: "tls://127.0.0.1:1", poll: 100ms, timeout: 100ms, tls: {ca: none.pem}, tags: [tags.csv]}`)
	r.write("data", "a file where the folder should be")
	b := r.run()
	says := func(text string) func() bool {
		return func() bool { _, body := b.get("/readyz"); return strings.Contains(body, text) }
	}
	b.await("the device that lacks its authority", says(`"safe":"`))
	b.await("the journal", says("in memory only"))
	r.edit("plant.yaml", "unit_id: 7", "unit_id: many")
	b.hup()
	if !says("unit_id")() {
		t.Error("the problem of the configuration is not said")
	}
	r.edit("plant.yaml", "unit_id: many", "unit_id: 7")
	b.hup()
	if says("unit_id")() {
		t.Error("the problem of the configuration is said still")
	}
}

func TestReadinessNamesSinksThatRefuse(t *testing.T) {
	r := readyJSON{Sinks: map[string]string{}, Aside: map[string]int{}}
	r.sink(&bridge.SinkState{Sink: "db", Stats: sinks.Stats{SetAside: 3}})
	r.sink(&bridge.SinkState{Sink: "cloud"})
	if r.Aside["db"] != 3 || len(r.Aside) != 1 || len(r.Sinks) != 0 {
		t.Errorf("%+v", r)
	}
}
