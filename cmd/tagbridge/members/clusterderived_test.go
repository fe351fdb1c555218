package members

import (
	"syscall"
	"testing"
	"time"

	"tagbridge/mapping"
)

// clusterDerived is computed from the first two devices of a clusterRig.
const clusterDerived = `  - name: both
    driver: derived
    poll: 100ms
    tags:
      - {tag: sum, expr: d0/t + d1/t, hi: 1000}
      - {tag: n, expr: d0/t, aggregate: count, window: 1s}
      - {tag: total, expr: d1/t, total: counter}
`

// set has the first two PLCs show these values.
func (r *clusterRig) set(values ...uint16) {
	r.Helper()
	for i, v := range values {
		r.unit[i].Freeze()
		if err := r.unit[i].Set(mapping.Holding, 0, v); err != nil {
			r.Fatal(err)
		}
	}
}

// of are the samples of a tag that a member has read after a time, and delivered.
func (r *clusterRig) of(node, tag string, after time.Time) (list []clusterSample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.heard[node] {
		if s.Tag == tag && s.Time.After(after) {
			list = append(list, s)
		}
	}
	return list
}

// last is the newest of them.
func (r *clusterRig) last(node, tag string, after time.Time) clusterSample {
	list := r.of(node, tag, after)
	if len(list) == 0 {
		return clusterSample{}
	}
	return list[len(list)-1]
}

// owners are who reads the first two devices, by what node says.
func (r *clusterRig) owners(node string) (owners []string) {
	said := r.state(node)
	for i := range r.plcs[:2] {
		for _, e := range said.Endpoints {
			if e.Endpoint == "tcp://"+r.plcs[i].Addr() {
				owners = append(owners, e.Owner)
			}
		}
	}
	return owners
}

// TestClusterDerived has two endpoints that a device is computed from be read by one member, together, and what is reckoned begin anew
// with each reader: the first window is uncertain, a total begins at 0, and an alarm that is active is told once more.
func TestClusterDerived(t *testing.T) {
	r, start := newClusterRig(t, 4), time.Now()
	r.more = clusterDerived
	r.set(900, 300)
	r.start("pc-a", "keep")
	r.await("one member reads everything", func() bool { return r.shared("pc-a", 1) && r.last("pc-a", "n", start).Quality == "Good" })
	r.start("pc-b", "keep")
	r.await("both read", func() bool { return r.shared("pc-a", 2) && r.shared("pc-b", 2) })
	r.set(900, 310)
	reader := r.owners("pc-b")
	if len(reader) != 2 || reader[0] != reader[1] {
		t.Fatalf("what is computed together is read by %v", reader)
	}
	here, there := reader[0], "pc-b"
	if here == "pc-b" {
		there = "pc-a"
	}
	r.await("a whole window", func() bool {
		return r.last(here, "n", start).Quality == "Good" && r.last(here, "sum", start).Value == 1210
	})
	r.await("an alarm", func() bool { return r.last(here, "sum.alarm", start).Value > 0 })

	died := time.Now()
	fresh := died
	r.members[here].cmd.Process.Signal(syscall.SIGKILL)
	r.heirs(there, fresh, 310)
	r.set(900, 350)
	r.await("the total", func() bool { return r.last(there, "total", fresh).Value == 40 })

	fresh = time.Now()
	r.start(here, "keep")
	r.await("both read", func() bool { return r.shared(here, 2) && r.shared(there, 2) })
	r.members[there].cmd.Process.Signal(syscall.SIGKILL)
	r.heirs(here, fresh, 350)
	for _, s := range r.of(here, "n", died) {
		if !s.Time.After(fresh) {
			t.Errorf("%s was away from %v to %v, and gives %+v", here, died, fresh, s)
		}
	}
}

// heirs awaits that node begins anew with what it reads, after that time, and fails otherwise.
func (r *clusterRig) heirs(node string, after time.Time, counter float64) {
	r.Helper()
	r.await("the heir computes", func() bool { return r.last(node, "sum", after).Value == 900+counter })
	r.await("two windows", func() bool { return r.last(node, "n", after).Quality == "Good" })
	if first := r.of(node, "n", after)[0]; first.Quality == "Good" {
		r.Errorf("the first window of the heir is %+v", first)
	}
	if list := r.of(node, "total", after); len(list) == 0 || list[0].Value != 0 {
		r.Errorf("the totals of the heir are %+v", list)
	}
	r.await("the alarm told again", func() bool { return r.last(node, "sum.alarm", after).Value > 0 })
}
