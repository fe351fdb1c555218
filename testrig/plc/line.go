package plc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// LineOptions say what answers on a line, and how fast the line is.
type LineOptions struct {
	Units map[int]*Unit // by unit id, 1 to 247; requests to others are not answered
	ASCII bool          // else RTU
	// Baud paces the line: a frame takes the time it would take, in characters of Bits (0: 11). 0: no time.
	Baud, Bits int
	Turnaround time.Duration // of every unit, beyond the silence of t3.5
	Echo       bool          // the requests come back
}

// Usage is what a line was used for.
type Usage struct {
	Frames   time.Duration // frames were on the line
	Silences time.Duration // t3.5 before each frame
	Answers  int
}

// line answers requests that come over one stream.
type line struct {
	o       LineOptions
	framing framing
	char    time.Duration
	t35     time.Duration

	mu    sync.Mutex
	usage Usage
}

func newLine(o LineOptions) (*line, error) {
	l := &line{o: o, framing: rtuFrames{}}
	if o.ASCII {
		l.framing = asciiFrames{}
	}
	for id := range o.Units {
		if id < 1 || id > 247 {
			return nil, fmt.Errorf("serve unit %d: not 1 to 247", id)
		}
	}
	if o.Baud <= 0 {
		return l, nil
	}
	bits := o.Bits
	if bits == 0 {
		bits = 11
	}
	l.char = time.Duration(bits) * time.Second / time.Duration(o.Baud)
	l.t35 = l.char * 7 / 2
	if o.Baud > 19200 {
		l.t35 = 1750 * time.Microsecond
	}
	return l, nil
}

// talk answers what comes on rw until that ends or fails.
func (l *line) talk(ctx context.Context, rw io.ReadWriter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := talker{line: l, out: make(chan outgoing, 1000)}
	var writing sync.WaitGroup
	writing.Go(func() { t.write(ctx, rw) })
	defer writing.Wait()
	defer cancel()
	in := make([]byte, 0, 4096)
	for {
		n, err := rw.Read(in[len(in):cap(in)])
		if err != nil {
			return err
		}
		now := time.Now()
		in = in[:len(in)+n]
		used := 0
		for {
			f, size, ok := l.framing.next(in[used:])
			used += size
			if !ok {
				break
			}
			t.answer(f, now)
		}
		if used == 0 && len(in) == cap(in) {
			used = len(in)
		}
		in = in[:copy(in, in[used:])]
	}
}

// talker is the answering over one stream: units take their time each for itself, and answer in order.
type talker struct {
	*line
	out  chan outgoing
	last [256]time.Time // when a unit's last answer is due
	held []byte
}

// outgoing is bytes to be sent.
type outgoing struct {
	due  time.Time
	data []byte
}

// answer answers f, which came in whole at now: its characters take their time from then on.
func (t *talker) answer(f frame, now time.Time) {
	request := t.framing.wrap(f.unit, f.pdu)
	end := now.Add(time.Duration(len(request)) * t.char)
	t.count(len(request), 0)
	if t.o.Echo {
		t.out <- outgoing{due: now, data: request}
	}
	u := t.o.Units[int(f.unit)]
	if u == nil {
		return
	}
	data, r := u.answerLine(t.framing, f)
	if len(data) == 0 {
		return
	}
	if r.hold {
		t.held = append(t.held, data...)
		return
	}
	if t.held != nil { // by itself: it must not wait for what delays this one, which may be another unit's
		t.out <- outgoing{due: end.Add(t.t35), data: t.held}
		t.held = nil
	}
	o := outgoing{due: end.Add(t.t35 + t.o.Turnaround + r.pause), data: data}
	if o.due.Before(t.last[f.unit]) {
		o.due = t.last[f.unit]
	}
	t.last[f.unit] = o.due
	t.out <- o
}

func (l *line) count(chars, answers int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.usage.Frames += time.Duration(chars) * l.char
	l.usage.Silences += l.t35
	l.usage.Answers += answers
}

// write sends what is due, the earliest first, at the line's pace.
func (t *talker) write(ctx context.Context, w io.Writer) {
	var waiting []outgoing
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		next := time.Hour
		first := 0
		for i, o := range waiting {
			if o.due.Before(waiting[first].due) {
				first = i
			}
		}
		if len(waiting) > 0 {
			next = time.Until(waiting[first].due)
		}
		if next <= 0 {
			o := waiting[first]
			waiting = append(waiting[:first], waiting[first+1:]...)
			if !t.send(ctx, w, o) {
				return
			}
			continue
		}
		if next <= 2*time.Millisecond {
			if !nap(ctx, next) {
				return
			}
			continue
		}
		timer.Reset(next - 2*time.Millisecond)
		select {
		case <-ctx.Done():
			return
		case o := <-t.out:
			waiting = append(waiting, o)
		case <-timer.C:
		}
	}
}

// step is how many characters' time passes at least between two writes.
const step = time.Millisecond

// send writes each character when it would have arrived.
func (t *talker) send(ctx context.Context, w io.Writer, o outgoing) bool {
	t.count(len(o.data), 1)
	if t.char == 0 {
		_, err := w.Write(o.data)
		return err == nil
	}
	start := o.due
	if late := time.Now(); late.Sub(start) > step {
		start = late
	}
	for sent := 0; sent < len(o.data); {
		n := int(time.Since(start) / t.char)
		if n == len(o.data)/2 {
			n++ // of two frames in a row, the first never seems to be all
		}
		if n = min(n, len(o.data)); n > sent {
			if _, err := w.Write(o.data[sent:n]); err != nil {
				return false
			}
			sent = n
			continue
		}
		wait := max(step, t.char)
		if rest := time.Duration(len(o.data))*t.char - time.Since(start); rest < wait {
			wait = rest
		}
		if !nap(ctx, wait) {
			return false
		}
	}
	return true
}

// nap waits exactly for a short time: the runtime's timers are of whole milliseconds.
func nap(ctx context.Context, d time.Duration) bool {
	if d > 2*time.Millisecond {
		return sleep(ctx, d)
	}
	nanosleep(d)
	return ctx.Err() == nil
}

// closed is err, but nil for the end of what was closed on purpose.
func closed(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
