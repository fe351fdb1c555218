package drivers

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// plan is a Work that knows of one bad tag.
type plan struct{}

func (plan) Raw(dst []byte, index int) []byte { return append(dst, 0x12, byte(index)) }

func (plan) Err(index int) string {
	if index == 0 {
		return "exception 2"
	}
	return ""
}

// texter is a link whose tags are texts.
type texter struct{ *fake }

func (x texter) Do(ctx context.Context, j *Job, step int, b *mapping.Batch) (int, error) {
	next, err := x.fake.Do(ctx, j, step, b)
	for i := range b.Samples {
		s := &b.Samples[i]
		b.PutText(s, fmt.Appendf(nil, "tag %d read %d", s.Index, len(x.calls)))
	}
	return next, err
}

func TestTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		s := &steady{fake: r.fake, bad: true}
		r.lane.link = s
		a, b := newJob(1, time.Second, 2), newJob(2, time.Second, 1)
		a.Work, b.Work = plan{}, plan{}
		r.dead[2] = time.Hour
		r.lane.Apply([]*Job{a, b})
		for tag := range r.lane.Tags() {
			if tag.Sample.Quality != mapping.BadWaitingForInitialData || tag.Sample.Time != 0 {
				t.Errorf("before the first attempt %s is %+v", tag.Series.Tag, tag.Sample)
			}
		}
		r.run(a, b)
		r.pass(time.Second)
		n := 0
		for tag := range r.lane.Tags("u1") {
			want := ""
			if n == 0 {
				want = "exception 2"
			}
			if tag.Error != want || !bytes.Equal(tag.Raw, []byte{0x12, byte(n)}) || tag.Group != a.Group {
				t.Errorf("%s: error %q, raw %x, want %q", tag.Series.Tag, tag.Error, tag.Raw, want)
			}
			n++
		}
		if n != 2 {
			t.Errorf("%d tags of u1, want 2", n)
		}
		for tag := range r.lane.Tags() {
			_ = tag
			break
		}
	})
}

func TestTagsOfOfflineDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.dead[1] = 100 * ms
		j := newJob(1, time.Second, 1)
		j.Work = plan{}
		r.run(j)
		r.pass(time.Second)
		for tag := range r.lane.Tags() {
			if tag.Error != errSilent.Error() {
				t.Errorf("error %q, want %q", tag.Error, errSilent)
			}
		}
	})
}

func TestTextsAndPresent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.lane.link = texter{r.fake}
		a, b := newJob(1, time.Second, 3), newJob(2, time.Second, 1)
		a.Device.Health = healthGroup("u1")
		r.dead[2] = time.Hour
		r.run(a, b)
		r.pass(10 * ms)
		for tag := range r.lane.Tags("u1") {
			if want := fmt.Sprintf("tag %d read 1", tag.Sample.Index); string(tag.Text) != want {
				t.Errorf("text %q, want %q", tag.Text, want)
			}
		}
		var groups []*mapping.Group
		r.lane.Present(func(p *mapping.Batch) {
			groups = append(groups, p.Group)
			for i := range p.Samples {
				s := &p.Samples[i]
				if want := fmt.Sprintf("tag %d read 1", s.Index); p.Group == a.Group && string(p.Text(s)) != want {
					t.Errorf("present %q, want %q", p.Text(s), want)
				}
			}
		})
		if len(groups) != 2 || groups[0] != a.Group || groups[1] != a.Device.Health {
			t.Errorf("present values of %v, want the job that was read and its health", groups)
		}
		groups = nil
		r.lane.Everything(func(p *mapping.Batch) {
			groups = append(groups, p.Group)
			if s := p.Samples[0]; p.Group == b.Group && (s.Quality != mapping.BadWaitingForInitialData || s.Time != 0) {
				t.Errorf("a tag that was never read is %+v", s)
			}
		})
		if len(groups) != 3 || groups[0] != a.Group || groups[1] != b.Group || groups[2] != a.Device.Health {
			t.Errorf("everything is of %v, want both jobs and the health of the one that was read", groups)
		}
	})
}

func TestDeviceCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.cost = 30 * ms
		s := &steady{fake: r.fake, bad: true}
		r.lane.link = s
		r.run(newJob(1, time.Second, 3))
		r.pass(60 * time.Second)
		d := r.device("u1")
		if d.Polls < 59 || d.Bad != d.Polls || d.Good != 2*d.Polls || d.Tags != 3 || d.BadTags != 1 {
			t.Errorf("device %+v, want one sample in three bad", d)
		}
		if d.Requests.Counts[5] != d.Polls || d.Requests.Sum != time.Duration(d.Polls)*30*ms || d.Latency != 30*ms {
			t.Errorf("requests %+v, latency %v, want all of 30 ms", d.Requests, d.Latency)
		}
		if line := r.lane.Line(); line.Busy < 0.029 || line.Busy > 0.031 || !line.Connected || line.Exchanges != d.Polls {
			t.Errorf("line %+v, want busy for 0.03", line)
		}
	})
}

// Snapshots may be taken, and jobs applied, at any time: for the race detector.
func TestConcurrentUse(t *testing.T) {
	jobs := []*Job{newJob(1, time.Millisecond, 5), newJob(2, time.Millisecond, 5)}
	for _, j := range jobs {
		j.Device.Health = healthGroup(j.Device.Name)
	}
	f := &fake{start: time.Now(), steps: map[string]int{"u1": 2}}
	polled := make(chan struct{}, 1)
	lane := NewLane(texter{f}, LaneOptions{Append: func(*mapping.Batch) error {
		select {
		case polled <- struct{}{}:
		default:
		}
		return nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { lane.Run(ctx) })
	for i := range 50 {
		lane.Apply(jobs[:1+i%2])
		<-polled
		lane.Devices()
		lane.Line()
		for tag := range lane.Tags() {
			_ = len(tag.Text)
		}
		lane.Present(func(*mapping.Batch) {})
		if err := lane.Applied(ctx); err != nil {
			t.Error(err)
		}
	}
	cancel()
	wg.Wait()
}
