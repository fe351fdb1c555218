package members

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	library "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/testrig/process"
)

// TestKilledMember kills a member at one step after another of what it does on disk to apply a revision: after its start it has all files of
// the newest one, and nothing lies about.
func TestKilledMember(t *testing.T) {
	r := newPushRig(t, "pc-a")
	r.change(1)
	r.verb(exitOK, "push")
	whole, killed := false, 0
	for n, at := 2, 1; !whole; n, at = n+1, at+1+at/3 {
		said, stop := process.Steps(t, r.dirs["pc-a"], ".", "data/configurations", "data/events")
		r.change(n)
		done := make(chan int, 1)
		go func() {
			status, _, _ := process.Typed(t, "", r.env, "cluster", "push", "--wait", "20s", filepath.Join(r.engineer, "plant.yaml"))
			done <- status
		}()
		step := ""
		for seen, ended := 0, false; seen < at && !ended; {
			select {
			case step = <-said:
				if seen > 0 || strings.Contains(step, "applying") { // what comes before is of other things
					seen++
				}
			case status := <-done:
				done <- status
				whole, ended = true, true
			}
		}
		r.kill("pc-a")
		stop()
		if !whole {
			killed++
		}
		r.start("pc-a")
		<-done
		r.await(fmt.Sprintf("killed at step %d (%s), it has the newest one", at, step), func() bool {
			reports, newest := r.reports()
			p := reports["pc-a"]
			return p != nil && newest != nil && p.ID == newest.ID && len(p.Differs) == 0 && r.read("pc-a", "a.csv") == r.mapText(n)
		})
		r.nothingLeft("pc-a")
	}
	t.Logf("killed %d times", killed)
	if killed < 3 {
		t.Errorf("it was killed only %d times while it applied a revision", killed)
	}
}

// nothingLeft wants no file of a change that is not under way.
func (r *pushRig) nothingLeft(node string) {
	r.Helper()
	err := filepath.WalkDir(r.dirs[node], func(path string, d fs.DirEntry, err error) error {
		if err == nil && (strings.HasPrefix(d.Name(), ".tagbridge") || strings.HasPrefix(d.Name(), "applying")) {
			r.Errorf("%s is left over", path)
		}
		return err
	})
	if err != nil {
		r.Error(err)
	}
}

// TestKilledPusher kills the one who pushes, later each time, until it was too late to keep it from pushing some times: what was pushed by half is not seen, what is seen is
// whole, and the next one can push.
func TestKilledPusher(t *testing.T) {
	r := newPushRig(t, "pc-a")
	r.change(1)
	r.verb(exitOK, "push", "--comment", "1")
	published, kept := 0, 0
	for n := 2; published < 4; n++ {
		r.change(n)
		cmd := exec.Command(process.Built(t), "cluster", "push", "--wait", "20s", "--comment", strconv.Itoa(n), filepath.Join(r.engineer, "plant.yaml"))
		cmd.Env = append(os.Environ(), r.env...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(n-2) * 20 * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		_, newest := r.reports()
		if newest == nil {
			t.Fatal("nothing is there any more")
		}
		of, _ := strconv.Atoi(newest.Comment)
		switch of {
		case n:
			published++
		default:
			kept++
		}
		r.await("the member has the newest one", func() bool { return r.read("pc-a", "a.csv") == r.mapText(of) })
	}
	t.Logf("%d pushes were kept from it", kept)
	if kept == 0 {
		t.Error("no push was killed before it was there for all")
	}
	r.change(99)
	r.says(r.verb(exitOK, "push"), "pc-a has it")
}

// TestLeaderKilledInPush kills the NATS server that leads the bucket of revisions while somebody pushes a large map: it is pushed all the same.
func TestLeaderKilledInPush(t *testing.T) {
	r := newPushRig(t, "pc-a")
	r.change(1)
	r.verb(exitOK, "push")
	leader := r.leader()
	r.change(40_000) // 14 MB
	done := make(chan string, 1)
	go func() {
		status, out, complaints := process.Typed(t, "", r.env, "cluster", "push", filepath.Join(r.engineer, "plant.yaml"))
		done <- fmt.Sprintf("%d\n%s%s", status, out, complaints)
	}()
	<-time.After(300 * time.Millisecond) // it has connected, or it will connect to another one
	r.nats[leader].Kill()
	r.says(<-done, "0\n", "revision 2 is pushed", "pc-a has it")
	if got := r.read("pc-a", "a.csv"); got != r.mapText(40_000) {
		t.Errorf("the map has %d bytes", len(got))
	}
	r.nats[leader].Start(t)
	r.change(3)
	r.says(r.verb(exitOK, "push"), "revision 3 is pushed", "pc-a has it")
}

// leader is the server that leads the bucket of revisions.
func (r *pushRig) leader() int {
	r.Helper()
	found := -1
	r.await("a leader", func() bool {
		nc, err := library.Connect("nats://"+r.nats[0].Address, library.UserInfo("engineer", "change-me-too"), library.CustomInboxPrefix("tagbridge.line-3.inbox"))
		if err != nil {
			return false
		}
		defer nc.Close()
		js, err := jetstream.New(nc)
		if err != nil {
			return false
		}
		s, err := js.Stream(r.Context(), "KV_"+store.Revisions("line-3"))
		if err != nil || s.CachedInfo().Cluster == nil {
			return false
		}
		if n := s.CachedInfo().Config.Replicas; n != 3 {
			r.Errorf("there are %d copies", n)
		}
		found, err = strconv.Atoi(strings.TrimPrefix(s.CachedInfo().Cluster.Leader, "n"))
		return err == nil
	})
	return found
}
