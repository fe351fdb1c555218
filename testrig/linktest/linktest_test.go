package linktest

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// TestSuitePasses runs all checks over a link that keeps its promises.
func TestSuitePasses(t *testing.T) {
	Run(t, func(t testing.TB, timeout time.Duration) Peer { return fakePeer(t, timeout, "") })
}

// TestBrokenLinksFail has each check find what it is there for.
func TestBrokenLinksFail(t *testing.T) {
	patience := soon
	soon = time.Second // of links that hang; a check that takes longer on a slow computer fails, as it is to
	defer func() { soon = patience }()
	for _, c := range []struct {
		wrong flaw
		check string
	}{
		{"closed", "closed"},
		{"close twice", "closed"},
		{"close keeps", "closed"},
		{"open leaks", "open and close twice"},
		{"brave open", "open that cannot be"},
		{"short", "round"},
		{"twice", "round"},
		{"index", "round"},
		{"endless", "round"},
		{"clears", "lent"},
		{"lent", "lent"},
		{"refusal is an error", "refusal"},
		{"no reason", "refusal"},
		{"takes all work", "foreign work"},
		{"deaf", "end in mid-call"},
		{"socket", "close after an end"},
		{"appends", "silence"},
		{"good in silence", "silence"},
		{"stale", "late answers"},
		{"good at a hang-up", "hang-up between exchanges"},
		{"good at a hang-up", "hang-up at each byte"},
		{"socket", "nothing left"},
		{"goroutine", "nothing left"},
		{"good in silence", "lane"},
		{"stale", "lane"},
	} {
		t.Run(fmt.Sprint(c.wrong, " in ", c.check), func(t *testing.T) {
			if !fails(t, c.check, c.wrong) {
				t.Errorf("the suite does not find it")
			}
		})
	}
}

// fails reports that a check fails with a flawed link.
func fails(t *testing.T, name string, wrong flaw) bool {
	for _, c := range checks {
		if c.name == name {
			return failing(t, func(t testing.TB) {
				c.do(newRig(t, func(t testing.TB, timeout time.Duration) Peer { return fakePeer(t, timeout, wrong) }, c))
			})
		}
	}
	t.Fatalf("no check %q", name)
	return false
}

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed  bool
	cleanup []func()
}

func (r *recorder) Error(args ...any)                 { r.TB.Log(args...); r.failed = true }
func (r *recorder) Errorf(format string, args ...any) { r.TB.Logf(format, args...); r.failed = true }
func (r *recorder) Fatal(args ...any)                 { r.Error(args...); runtime.Goexit() }
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); runtime.Goexit() }
func (r *recorder) Cleanup(f func())                  { r.cleanup = append(r.cleanup, f) }

// failing runs do to its end and reports that it failed.
func failing(t *testing.T, do func(testing.TB)) bool {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(r)
	}()
	<-done
	for i := len(r.cleanup) - 1; i >= 0; i-- {
		r.cleanup[i]()
	}
	return r.failed
}
