package replica

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
	"tagbridge/testrig/natsd"
)

// memberEnv has this program be a member that copies, of that folder and those servers, until it is killed.
const memberEnv = "TAGBRIDGE_COPYING_MEMBER"

// TestMember is that member; in a run of tests it does nothing.
func TestMember(t *testing.T) {
	dir, servers, ok := strings.Cut(os.Getenv(memberEnv), "|")
	if !ok {
		return
	}
	p := plantOf(t, "line 3")
	p.dir, p.urls = dir, strings.Split(servers, ",")
	p.store = p.connect()
	p.open(nil)
	p.copy()
	for {
		p.read(2)
		<-time.After(2 * time.Millisecond)
		if s := p.sender.State(); s.Copied > 0 {
			if _, err := os.Stat(filepath.Join(dir, "copies")); err != nil {
				if err := os.WriteFile(filepath.Join(dir, "copies"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestKilled has a member be killed, and with it the leader of its stream: what it had taken is in the stream.
func TestKilled(t *testing.T) {
	for _, servers := range []int{1, 3} {
		list := []*natsd.Server{}
		if servers == 1 {
			list = append(list, natsd.New(t, ""))
		} else {
			list = natsd.Cluster(t, servers)
		}
		p := newPlant(t, list...)
		cmd := exec.Command(os.Args[0], "-test.run=^TestMember$")
		cmd.Env = append(os.Environ(), memberEnv+"="+p.dir+"|"+strings.Join(p.urls, ","))
		hold, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer hold.Close()
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() {
			for lines := bufio.NewScanner(out); lines.Scan(); {
			}
		}()
		await(t, "it copies", func() bool { _, err := os.Stat(filepath.Join(p.dir, "copies")); return err == nil })
		<-time.After(time.Second)
		var leader *natsd.Server
		if servers == 3 {
			leader = list[p.leader(t)]
		}
		died := time.Now()
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if leader != nil {
			leader.Kill()
		}
		_ = cmd.Wait()
		p.compare(t, died)
	}
}

// leader is the number of the server that leads the stream.
func (p *plant) leader(t *testing.T) int {
	s, err := p.link().JS.Stream(t.Context(), store.Records("line 3", "pc-a"))
	if err != nil {
		t.Fatal(err)
	}
	return int(s.CachedInfo().Cluster.Leader[1] - '0')
}

// compare compares what the journal has with what the stream has.
func (p *plant) compare(t *testing.T, died time.Time) {
	t.Helper()
	j, err := journal.Open(journal.Options{Dir: p.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	j.Start("look", "start")
	var c content
	await(t, "the stream can be read", func() bool {
		ctx, cancel := timeLimit()
		defer cancel()
		l, err := p.store.Link(ctx)
		if err != nil {
			return false
		}
		s, err := l.JS.Stream(ctx, store.Records("line 3", "pc-a"))
		if err != nil {
			return false
		}
		_, err = s.GetMsg(ctx, s.CachedInfo().State.LastSeq)
		if err == nil {
			c = p.content(l)
		}
		return err == nil
	})
	is, _ := j.Identity()
	end := int(c.next[is.ID])
	if got := c.values[is.ID]; len(got) != end || c.silent+c.unknown > 0 {
		t.Fatalf("%d samples up to %d, %d missing, %d not known", len(got), end, c.silent, c.unknown)
	}
	if sinks.Pos(end) > j.End() {
		t.Fatalf("the stream has %d, the journal %d", end, j.End())
	}
	oldest := time.Duration(0)
	var v sinks.View
	for at := sinks.Pos(end); at < j.End() && oldest == 0; {
		if at, err = j.Next(t.Context(), at, sinks.Query{Sink: "look", Max: 1}, &v); err != nil {
			t.Fatal(err)
		}
		eachSample(&v, func(s *mapping.Sample) {
			if oldest == 0 {
				oldest = died.Sub(time.Unix(0, s.Time))
			}
		})
	}
	t.Logf("%d samples in the stream, %d not, the oldest of these taken %v before the kill", end, int(j.End())-end, oldest)
	if oldest > 2*time.Second {
		t.Errorf("it lacks what was taken %v before", oldest)
	}
}

func eachSample(v *sinks.View, do func(*mapping.Sample)) {
	for i := range v.Batches {
		for k := range v.Batches[i].Samples {
			do(&v.Batches[i].Samples[k])
		}
	}
}
