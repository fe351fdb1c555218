package drivers

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// A job that stays keeps its schedule, a new one is read at once, one that goes is not read any more.
func TestApplyKeepsSchedules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		stays, goes, comes := newJob(1, time.Second, 1), newJob(2, time.Second, 1), newJob(3, time.Minute, 1)
		r.run(stays, goes)
		r.pass(5*time.Second + 50*ms)
		r.forget()
		r.lane.Apply([]*Job{comes, stays})
		synctest.Wait()
		wantTimes(t, "the new job was read", r.times("u3"), []time.Duration{5050 * ms})
		r.pass(3 * time.Second)
		if got := r.times("u1"); len(got) != 3 || got[0]%time.Second != offset(stays) {
			t.Errorf("the job that stayed was read at %v, want thrice in phase %v", got, offset(stays))
		}
		if got := r.times("u2"); len(got) != 0 {
			t.Errorf("the job that went was read at %v", got)
		}
		if !slices.Equal(r.drops, []string{"u2"}) {
			t.Errorf("dropped %v, want u2", r.drops)
		}
		if d := r.device("u1"); d.Polls < 8 {
			t.Errorf("polls = %d, want the counter kept", d.Polls)
		}
	})
}

// In the middle of a round, the exchange ends, the round does not, and what was read is sent.
func TestApplyInMidRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost, r.steps["u1"] = 300*ms, 5
		j := newJob(1, time.Minute, 5)
		r.run(j)
		r.pass(400 * ms)
		r.lane.Apply(nil)
		done := time.Now()
		if err := r.lane.Applied(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(done); d != 200*ms {
			t.Errorf("Applied after %v, want with the end of the exchange, 200ms", d)
		}
		r.pass(time.Minute)
		if len(r.calls) != 2 || len(r.sent) != 2 || r.open {
			t.Errorf("%d exchanges, %d batches, link open %v, want 2, 2, closed", len(r.calls), len(r.sent), r.open)
		}
	})
}

func TestApplyWhileBackingOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.openAs = func() error { return errRefused }
		a, b := newJob(1, time.Second, 1), newJob(2, time.Second, 2)
		r.run(a)
		r.pass(5 * time.Minute)
		opens := r.opens
		r.lane.Apply([]*Job{a, b})
		synctest.Wait()
		if got := r.qualities("u2", 1); !slices.Equal(got, []mapping.Quality{mapping.BadNotConnected}) {
			t.Errorf("new job on a dead link: %v, want BadNotConnected at once", got)
		}
		if r.opens != opens {
			t.Errorf("Apply made %d attempts to open, want the pause kept", r.opens-opens)
		}
		if d := r.device("u2"); d.State != Disconnected || d.Error == "" {
			t.Errorf("new device %+v, want disconnected and why", d)
		}
		r.lane.Apply(nil)
		r.pass(time.Hour)
		if r.opens != opens {
			t.Errorf("a lane without jobs opened its link %d times", r.opens-opens)
		}
	})
}

func TestApplyToOfflineUnit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.dead[1] = 100 * ms
		a, b := newJob(1, time.Second, 1), sibling(1)
		r.run(a)
		r.pass(30 * time.Second)
		r.lane.Apply([]*Job{b}) // takes the unit's probe away with a
		synctest.Wait()
		if got := r.qualities("sibling", 0); !slices.Equal(got, []mapping.Quality{mapping.BadTimeout}) {
			t.Errorf("new job of a dead unit: %v, want BadTimeout at once", got)
		}
		delete(r.dead, 1)
		r.pass(6 * time.Second)
		if d := r.device("sibling"); d.State != Online {
			t.Errorf("%+v, want the unit probed and back", d)
		}
		if r.end(); r.lane.out.bad != 0 {
			t.Errorf("the lane counts %d bad tags, want 0", r.lane.out.bad)
		}
	})
}

// A new device of a unit that answers is online like it.
func TestApplyToOnlineUnit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		a, b := newJob(1, time.Second, 1), sibling(1)
		r.run(a)
		r.pass(5 * time.Second)
		r.lane.Apply([]*Job{a, b})
		synctest.Wait()
		if d := r.device("sibling"); d.State != Online || d.Polls != 1 {
			t.Errorf("%+v, want it online and read", d)
		}
	})
}

// A device removed for good ends; one whose job is replaced goes on where it was, but for the tags that are gone.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		removed, edited, moved := newJob(1, time.Second, 2), newJob(2, time.Second, 3), newJob(3, time.Second, 1)
		r.run(removed, edited, moved)
		r.pass(5 * time.Second)
		heir := newJob(2, time.Second, 2)
		copy(heir.Group.Series, edited.Group.Series)
		r.forget()
		r.openAs = func() error { return errRefused }
		r.lane.Apply([]*Job{heir},
			Gone{Job: removed, All: true}, Gone{Job: edited, Heir: heir, Tags: []int{2}}, Gone{Job: moved})
		var seen []mapping.Quality
		for tag := range r.lane.Tags("u2") {
			seen = append(seen, tag.Sample.Quality)
		}
		if !slices.Equal(seen, []mapping.Quality{mapping.BadWaitingForInitialData, mapping.BadWaitingForInitialData}) {
			t.Errorf("before it is in effect the heir's tags are %v", seen)
		}
		synctest.Wait()
		ends := []mapping.Quality{mapping.BadOutOfService}
		for _, index := range []uint16{0, 1} {
			if got := r.qualities("u1", index); !slices.Equal(got, ends) {
				t.Errorf("u1 tag %d: %v, want %v", index, got, ends)
			}
		}
		if got := r.qualities("u2", 2); !slices.Equal(got, ends) {
			t.Errorf("removed tag of u2: %v, want %v", got, ends)
		}
		if got := r.qualities("u3", 0); len(got) != 0 {
			t.Errorf("the job that moved: %v, want nothing", got)
		}
	})
}

// What a heir takes over is not sent again, unless it changes.
func TestHeirInheritsFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.lane.link = &steady{fake: r.fake}
		change := func(j *Job) *Job {
			j.Filter = mapping.NewFilter(j.Group, []mapping.Rule{{Report: mapping.ReportChange}})
			return j
		}
		old, heir := change(newJob(1, time.Second, 1)), change(newJob(1, 2*time.Second, 1))
		heir.Group.Series[0] = old.Group.Series[0]
		r.run(old)
		r.pass(5 * time.Second)
		r.lane.Apply([]*Job{heir}, Gone{Job: old, Heir: heir})
		r.pass(5 * time.Second)
		if len(r.sent) != 1 || len(r.calls) < 7 {
			t.Errorf("%d reads, sent %+v, want the constant value once", len(r.calls), r.sent)
		}
		if r.end(); r.lane.out.bad != 0 {
			t.Errorf("the lane counts %d bad tags, want 0", r.lane.out.bad)
		}
	})
}

func TestHeirShowsWhatWasRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		old := newJob(1, time.Second, 3)
		r.run(old)
		r.pass(5 * time.Second)
		g := *old.Group
		g.Series = []*mapping.Series{{Tag: "new", SeriesTraits: new(mapping.SeriesTraits)}, old.Group.Series[2]}
		heir := &Job{Device: old.Device, Group: mapping.NewGroup(g), Period: time.Second}
		r.cost = time.Hour
		r.lane.Apply([]*Job{heir}, Gone{Job: old, Heir: heir})
		synctest.Wait()
		var seen []mapping.Quality
		for tag := range r.lane.Tags() {
			seen = append(seen, tag.Sample.Quality)
		}
		if want := []mapping.Quality{mapping.BadWaitingForInitialData, mapping.Good}; !slices.Equal(seen, want) {
			t.Errorf("the heir's tags are %v, want %v", seen, want)
		}
	})
}

// What is applied last thing before the end still ends its tags.
func TestApplyThenEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newJob(1, time.Second, 1)
		r.run(j)
		r.pass(time.Second)
		r.forget()
		r.cancel()
		r.lane.Apply(nil, Gone{Job: j, All: true})
		if err := r.lane.Applied(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := r.qualities("u1", 0); !slices.Equal(got, []mapping.Quality{mapping.BadOutOfService}) {
			t.Errorf("%v, want BadOutOfService", got)
		}
	})
}

// slowDrop is a link that takes its time to let go of a job.
type slowDrop struct {
	*fake
	dropping, goOn chan struct{}
}

func (s slowDrop) Drop(*Job) {
	close(s.dropping)
	<-s.goOn
}

// A change that the lane is just putting into effect is not in effect yet: the job may not be applied elsewhere.
func TestAppliedWaitsForARunningChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		link := slowDrop{r.fake, make(chan struct{}), make(chan struct{})}
		r.lane.link = link
		r.run(newJob(1, time.Second, 1))
		r.pass(100 * ms)
		r.lane.Apply(nil)
		<-link.dropping
		applied := make(chan error, 1)
		go func() { applied <- r.lane.Applied(t.Context()) }()
		synctest.Wait()
		select {
		case err := <-applied:
			t.Errorf("applied, with %v, while the job is being dropped", err)
			applied <- err
		default:
		}
		close(link.goOn)
		if err := <-applied; err != nil {
			t.Error(err)
		}
	})
}
