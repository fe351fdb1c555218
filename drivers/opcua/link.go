package opcua

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/session"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// Link is one session at an OPC UA server, new at each Open. It is its lane's.
type Link struct {
	o      LinkOptions
	log    *slog.Logger
	s      *session.Session
	epoch  *era           // of the present session
	air    map[*Plan]bool // plans with requests that were not answered yet
	spaces []string
	table  []byte // the same as the server sent it
	limits operationLimits
	types  *catalog
	silent int   // requests in a row that went unanswered
	blame  blame // what requests that went wrong were about, in this session and before
	watch  watch
	clock  clock
	push   publisher
	notes  notes
	fill   filler
	asking time.Duration // see askingTime
}

// era is one session, by its address: what a plan learned in another one, of this link or another, is void.
type era struct{ since time.Time }

// NewLink makes a link. It does not connect: that is Open's.
func NewLink(o LinkOptions) *Link {
	o.Watchdog = cmp.Or(o.Watchdog, 5*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Session.Now = o.Now
	o.Session.Timeout = cmp.Or(o.Session.Timeout, 5*time.Second)
	o.Session.Patience = cmp.Or(o.Session.Patience, max(o.Session.Timeout, 2*o.Watchdog)) // keys are slow on a small PLC
	return &Link{o: o, log: o.Log, asking: askingTime}
}

var (
	_ drivers.Waiter  = (*Link)(nil)
	_ drivers.Dropper = (*Link)(nil)
)

// openLimit bounds all of Open, whose every step has the patience of the session: a lane that is in its link for two
// minutes counts as stuck.
const openLimit = 110 * time.Second

// Open implements drivers.Link.
func (l *Link) Open(ctx context.Context) (err error) {
	defer l.guard(&err)
	l.Close()
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	s, err := session.Open(ctx, l.o.Session)
	if err != nil {
		return err
	}
	l.s = s
	l.epoch = &era{since: l.o.Now()}
	l.silent = 0
	l.types = newCatalog()
	l.watch, l.clock = watch{}, clock{}
	l.air = map[*Plan]bool{}
	l.push = publisher{jobs: map[uint32]*drivers.Job{}, flying: map[uint32]bool{}, most: maxPublish}
	if err := l.survey(ctx); err != nil {
		l.Close()
		return err
	}
	return nil
}

// Close implements drivers.Link.
func (l *Link) Close() error {
	if l.s == nil {
		return nil
	}
	s := l.s
	l.s = nil
	if l.silent > 0 {
		return s.Abandon() // it would not hear a goodbye
	}
	return s.Close()
}

// guard makes an error of a panic over what the server has sent: it costs the connection, and nothing else.
func (l *Link) guard(err *error) {
	if p := recover(); p != nil {
		l.log.Error("answer that cannot be handled", "err", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("answer that cannot be handled: %v", p)
	}
}

// operationLimits are how much the server takes in one request; 0 is what it likes best.
type operationLimits struct{ read, browse, register, translate, monitor int }

// survey asks a new session for its namespaces, limits and time.
func (l *Link) survey(ctx context.Context) error {
	l.limits = operationLimits{read: maxNodes, browse: maxNodes, register: maxNodes, translate: maxNodes, monitor: maxNodes}
	nodes := [...]uint32{2255, 11705, 11710, 11711, 11712, 11714}
	announced := l.limits
	limits := [...]*int{&announced.read, &announced.browse, &announced.register, &announced.translate, &announced.monitor}
	at := func(k int) (wire.NodeID, wire.Attribute) { return wire.Numeric(nodes[k]), wire.AttributeValue }
	err := l.readAll(ctx, len(nodes), at, func(k int, v *wire.DataValue) {
		if k == 0 {
			l.name(v.Value)
		} else if n, ok := integer(v.Value); ok && n > 0 && !v.Status.IsBad() {
			*limits[k-1] = int(min(n, maxNodes))
		}
	})
	if err != nil {
		return fmt.Errorf("read namespaces: %w", err)
	}
	if announced.read == maxNodes {
		announced.read = l.limits.read // as was found out with these
	}
	l.limits = announced
	return l.readClock(ctx)
}

// rename asks for the namespaces once more.
func (l *Link) rename(ctx context.Context) error {
	at := func(int) (wire.NodeID, wire.Attribute) { return namespaceArray, wire.AttributeValue }
	err := l.readAll(ctx, 1, at, func(_ int, v *wire.DataValue) {
		if !v.Status.IsBad() {
			l.name(v.Value)
		}
	})
	if err != nil {
		return fmt.Errorf("read namespaces: %w", err)
	}
	return nil
}

// name takes the table of namespaces.
func (l *Link) name(table wire.Variant) {
	l.spaces = nil
	l.table = append([]byte(nil), table.Raw...)
	for _, name := range table.All() {
		l.spaces = append(l.spaces, text(name))
	}
}

// read makes one read and checks that there is a value for each node. The values are valid until the session is used.
func (l *Link) read(ctx context.Context, q *wire.Read) ([]wire.DataValue, error) {
	r, err := l.s.Call(ctx, q)
	if err != nil {
		return nil, err
	}
	if n := r.Count(1); n != q.Count {
		return nil, fmt.Errorf("answer with %d values, want %d", n, q.Count)
	}
	values := make([]wire.DataValue, q.Count)
	for i := range values {
		r.DataValue(&values[i])
	}
	return values, r.Err()
}

// readAll reads any number of attributes, in as many requests as the server wants, and calls yield with each value,
// which is valid until yield returns. One that the server does not read is yielded with the status that says so.
func (l *Link) readAll(ctx context.Context, n int, at func(i int) (wire.NodeID, wire.Attribute), yield func(i int, v *wire.DataValue)) error {
	name := func(k int) string {
		id, attribute := at(k)
		return nameOf(id, attribute)
	}
	return l.inquire(ctx, &inquiry{
		what: "read", most: &l.limits.read, of: subjects{service: readService, n: n, name: name},
		request: func(things []int) (wire.Request, int) {
			q := &wire.Read{Times: wire.TimesNone}
			for q.Count < len(things) && len(q.Nodes) < maxBytes {
				q.Add(at(things[q.Count]))
			}
			return q, q.Count
		},
		take: func(things []int, r *wire.Reader) error {
			if r.Count(1) != len(things) {
				return errCount
			}
			var v wire.DataValue
			for _, k := range things {
				if r.DataValue(&v); r.Err() != nil {
					return r.Err()
				}
				yield(k, &v)
			}
			return nil
		},
		refuse: func(k int, status wire.Status) { yield(k, &wire.DataValue{Status: status}) },
	})
}

// readService is what subjects of reads are of.
const readService = 631

// nameOf names an attribute that is read.
func nameOf(id wire.NodeID, a wire.Attribute) string {
	if a == wire.AttributeValue {
		return id.String()
	}
	return fmt.Sprint(id, " ", a)
}

// errCount is an answer about more or fewer things than were asked about.
var errCount = errors.New("wrong number of results")

// Do implements drivers.Link. The steps of a round count up, whatever is split or asked for again.
func (l *Link) Do(ctx context.Context, j *drivers.Job, step int, b *mapping.Batch) (next int, err error) {
	p, ok := j.Work.(*Plan)
	if !ok {
		return 0, fmt.Errorf("read device %s: work is a %T, not an opcua plan", j.Device.Name, j.Work)
	}
	if l.s == nil {
		return 0, drivers.ErrClosed
	}
	defer l.guard(&err)
	blob := len(b.Blob)
	if p.o.Subscribe {
		next, err = l.subscribe(ctx, j, p, step, b)
	} else {
		next, err = l.poll(ctx, j, p, step, b)
	}
	if err != nil {
		b.Blob = b.Blob[:blob]
		return step + 1, l.judge(ctx, err) // which is what goes on when only a part of it went wrong
	}
	l.silent = 0
	l.notes.report(l.log, j.Device.Name, p)
	return next, nil
}

// judge makes of a failed request what the lane has to know: a server that only did not answer is asked again, until
// it has been silent for too long.
func (l *Link) judge(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*drivers.NoAnswer)): // the server is alive
		return err
	case silence(err):
		l.silent++
		if l.silent <= l.o.Retries+1 {
			return &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: fmt.Errorf("read: %w", err)}
		}
		return fmt.Errorf("the server is silent since %s: %w", l.s.Heard().Format(time.TimeOnly), err)
	}
	return err
}
