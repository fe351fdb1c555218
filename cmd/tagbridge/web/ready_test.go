package web

import (
	"strings"
	"testing"
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
