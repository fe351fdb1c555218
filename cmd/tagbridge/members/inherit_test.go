package members

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tagbridge/testrig/natsd"
)

// historian takes what members write in line protocol, each by a port of its own.
type historian struct {
	t    *testing.T
	held map[string]*atomic.Bool // members that get no answer but 503
	url  map[string]string       // by member

	mu    sync.Mutex
	taken []historical
}

// historical is a sample that was taken: of a device that node had read, from the member by.
type historical struct {
	by, node, device string
	time             int64 // ms
}

func newHistorian(t *testing.T, members ...string) *historian {
	h := &historian{t: t, held: map[string]*atomic.Bool{}, url: map[string]string{}}
	for _, by := range members {
		h.held[by] = &atomic.Bool{}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.write(w, r, by) }))
		t.Cleanup(s.Close)
		h.url[by] = s.URL
	}
	return h
}

func (h *historian) write(w http.ResponseWriter, r *http.Request, by string) {
	body, err := io.ReadAll(r.Body)
	if err != nil || h.held[by].Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for line := range strings.Lines(string(body)) {
		fields := strings.Fields(line) // d0,node=pc-a t=1i 1700000000000
		if len(fields) != 3 || !strings.Contains(fields[1], "t=") {
			continue
		}
		s := historical{by: by}
		for i, part := range strings.Split(fields[0], ",") {
			if i == 0 {
				s.device = part
			} else if node, ok := strings.CutPrefix(part, "node="); ok {
				s.node = node
			}
		}
		if s.time, err = strconv.ParseInt(fields[2], 10, 64); err != nil {
			h.t.Errorf("line %q", line)
		}
		h.taken = append(h.taken, s)
	}
	w.WriteHeader(http.StatusNoContent)
}

// of is what was taken of what node had read.
func (h *historian) of(node string) (list []historical) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.taken {
		if s.node == node {
			list = append(list, s)
		}
	}
	return list
}

// journalled is when each sample of the journal below home was read, by device, in ms.
func journalled(t *testing.T, home string) map[string][]int64 {
	t.Helper()
	status, out, complaints := typed(t, "", "journal", "dump", filepath.Join(home, "data"))
	if status != exitOK {
		t.Fatalf("journal dump: %d\n%s", status, complaints)
	}
	all := map[string][]int64{}
	for line := range strings.Lines(out) {
		var s struct {
			Time        time.Time
			Device, Tag string
			Value       *float64
		}
		if json.Unmarshal([]byte(line), &s) == nil && s.Tag == "t" && s.Value != nil {
			all[s.Device] = append(all[s.Device], s.Time.UnixMilli())
		}
	}
	return all
}

// inheritors is a plant of three members with copies, of which pc-a's sink takes nothing.
type inheritors struct {
	*clusterRig
	h      *historian
	killed time.Time
	copied map[string][]int64 // what pc-a had taken, and had copied before it was killed: when each sample was read, by device, in ms
	took   map[string][]int64 // likewise, all that it had in its journal
}

// newInheritors has all three read, pc-a take much that it cannot deliver, and then kills that.
func newInheritors(t *testing.T) *inheritors {
	r := newClusterRig(t, 6)
	for _, s := range r.nats {
		s.Kill()
	}
	accounts, err := os.ReadFile(filepath.Join("..", "..", "..", "configs", "nats-accounts.conf"))
	if err != nil {
		t.Fatal(err)
	}
	r.nats = natsd.ClusterWith(t, 3, strings.ReplaceAll(string(accounts), "records-pc-b", "records-*")) // there is a pc-c, too
	r.patience = 3 * time.Minute
	h := newHistorian(t, "pc-a", "pc-b", "pc-c")
	r.sinks = func(node string) string {
		return fmt.Sprintf("sinks: [{name: history, type: influxdb, url: %q, org: o, bucket: b, token: t, flush: 100ms, gzip: false}]\n", h.url[node])
	}
	r.cluster = ", label: true, replicate: true"
	h.held["pc-a"].Store(true)
	r.start("pc-a", "keep")
	r.start("pc-b", "keep")
	r.start("pc-c", "keep")
	r.await("all three read", func() bool { return r.shared("pc-a", 3) && r.shared("pc-b", 3) })
	r.await("the others deliver", func() bool { return len(h.of("pc-b")) > 0 && len(h.of("pc-c")) > 0 })
	home := r.members["pc-a"].home
	i := &inheritors{clusterRig: r, h: h}
	r.await("pc-a has much in its journal", func() bool {
		n := 0
		i.copied = journalled(t, home)
		for _, list := range i.copied {
			n += len(list)
		}
		return n > 300
	})
	r.await("that is copied", func() bool {
		c := r.state("pc-a").Copy
		return c != nil && c.Error == "" && c.Cursors == "" && c.Behind == 0
	})
	i.killed = time.Now()
	r.members["pc-a"].cmd.Process.Signal(syscall.SIGKILL)
	if n := len(h.of("pc-a")); n > 0 {
		t.Fatalf("%d samples of pc-a went out although its sink is held", n)
	}
	i.took = journalled(t, home)
	return i
}

// missing is how many of those samples of pc-a have not gone out.
func (i *inheritors) missing(of map[string][]int64) (n int) {
	got := map[historical]bool{}
	for _, s := range i.h.of("pc-a") {
		got[historical{device: s.device, time: s.time}] = true
	}
	for device, list := range of {
		for _, at := range list {
			if !got[historical{device: device, time: at}] {
				n++
			}
		}
	}
	return n
}

// TestClusterInherits kills one of three members while its sink takes nothing: the others deliver what it had copied, in order. It
// comes back with its disk, and delivers what they had no copy of, and nothing of the rest again.
func TestClusterInherits(t *testing.T) {
	i := newInheritors(t)
	i.await("the others have delivered what pc-a had copied", func() bool { return i.missing(i.copied) == 0 })
	t.Logf("delivered %v after the kill", time.Since(i.killed).Round(time.Millisecond))
	i.ordered()
	i.await("they are through with it", func() bool {
		rests := i.state("pc-b").Inherited
		return len(rests) == 1 && rests[0].Finished && rests[0].By == ""
	})
	others := i.h.of("pc-a")
	t.Logf("%d came twice, %d of pc-a's went out by others", len(others)-len(unique(others)), len(others))

	i.h.held["pc-a"].Store(false)
	back := time.Now()
	i.start("pc-a", "keep")
	i.await("pc-a delivers what it reads now", func() bool { // which comes after all that it had
		return slices.ContainsFunc(i.h.of("pc-a"), func(s historical) bool { return s.by == "pc-a" && s.time >= back.UnixMilli() })
	})
	i.ordered()
	if n := i.missing(i.took); n > 0 {
		t.Errorf("%d samples that pc-a had in its journal were never delivered", n)
	}
	known := map[historical]bool{}
	for _, s := range others {
		known[historical{device: s.device, time: s.time}] = true
	}
	again, rest := 0, 0
	for _, s := range i.h.of("pc-a") {
		switch {
		case s.by == "pc-a" && known[historical{device: s.device, time: s.time}]:
			again++
		case s.by == "pc-a" && s.time < i.killed.UnixMilli():
			rest++
		}
	}
	t.Logf("%d samples were left to pc-a itself", rest)
	if again > 0 {
		t.Errorf("%d of %d samples that others had delivered went out again", again, len(others))
	}
}

// ordered complains of what went out of order.
func (i *inheritors) ordered() {
	i.Helper()
	by := map[string][]int64{} // by who delivers, and device
	for _, s := range i.h.of("pc-a") {
		by[s.by+"/"+s.device] = append(by[s.by+"/"+s.device], s.time)
	}
	for who, list := range by {
		if !slices.IsSorted(list) {
			i.Errorf("%s is out of order", who)
		}
	}
}

// unique is list without who delivered, each once.
func unique(list []historical) []historical {
	seen := map[historical]bool{}
	for _, s := range list {
		s.by = ""
		seen[s] = true
	}
	var out []historical
	for s := range seen {
		out = append(out, s)
	}
	return out
}
