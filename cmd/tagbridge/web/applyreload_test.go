package web

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestAReloadSeesAChangeWhole reloads all the time while a tag moves from the last of many maps to the first and back: half
// such a change has the tag twice, or not at all, and no reload may find that.
func TestAReloadSeesAChangeWhole(t *testing.T) {
	const maps = 30
	name := func(i int) string { return fmt.Sprintf("m%02d.csv", i) }
	text := func(i, change, wanderer int) string {
		s := fmt.Sprintf("tag,address\n# change %d\nm%d,%d\n", change, i, 40100+i)
		if i == wanderer {
			s += "wanderer,40099\n"
		}
		return s
	}
	r := answering(t, "")
	var names []string
	for i := range maps {
		names = append(names, name(i))
		r.write(name(i), text(i, 0, maps-1))
	}
	r.edit("plant.yaml", "tags: [tags.csv]", "tags: [tags.csv, "+strings.Join(names, ", ")+"]")
	r.editing()
	b := r.run()
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		asked := 0
		for {
			select {
			case b.hangup <- os.Interrupt:
				asked++
			case <-stop:
				done <- asked
				return
			}
		}
	}()
	for change := 1; change <= 4; change++ {
		files := map[string]string{}
		for i := range maps {
			files[name(i)] = text(i, change, (maps-1)*((change+1)%2))
		}
		if status, body := b.post("/api/v1/apply", asJSONText(t, changeOf(files, b.etags(), "")), anna); status != 200 {
			t.Errorf("%d %s", status, body)
		}
	}
	close(stop)
	if asked := <-done; asked < 4 {
		t.Errorf("reloaded %d times only", asked)
	}
	if s := b.bridge.Reloads(); s.Refused > 0 || strings.Contains(b.log.String(), "reload refused") || strings.Contains(b.log.String(), "wanderer is removed") {
		t.Errorf("a reload found half a change: %+v", s)
	}
}
