package revision

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
)

// What is kept.
const (
	keptRevisions  = 64 // as many as a bucket keeps of one key
	maxReport      = 8 << 10
	bytesOfBucket  = 64 << 20
	bytesOfObjects = 512 << 20
	idBytes        = 16
	pieceBytes     = 32 << 10 // a connection takes no message of more than 64 KiB
)

// The keys of the bucket. Members write below reports alone.
const (
	currentKey = "current"
	reportKey  = "report"
)

// Remote is the revisions of a bridge, by one connection. Its methods may be called by any goroutine; each wants a context with an end.
type Remote struct {
	link    *store.Link
	bucket  string
	kv      jetstream.KeyValue
	objects jetstream.ObjectStore
}

// ErrNone is that nothing was pushed yet.
var ErrNone = errors.New("nothing was pushed yet")

// Look opens what is there; ErrNone: nothing is.
func Look(ctx context.Context, link *store.Link, bridge string) (*Remote, error) {
	r := &Remote{link: link, bucket: store.Revisions(bridge)}
	var err error
	if r.kv, err = link.JS.KeyValue(ctx, r.bucket); err == nil {
		r.objects, err = link.JS.ObjectStore(ctx, r.bucket)
	}
	if errors.Is(err, jetstream.ErrBucketNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, ErrNone
	}
	return r, r.why(err)
}

// Open opens what is there, and makes it where it is not.
func Open(ctx context.Context, link *store.Link, bridge string) (*Remote, error) {
	r := &Remote{link: link, bucket: store.Revisions(bridge)}
	var err error
	if r.objects, err = link.Objects(ctx, jetstream.ObjectStoreConfig{Bucket: r.bucket, MaxBytes: bytesOfObjects}); err != nil {
		return nil, err
	}
	r.kv, err = link.Bucket(ctx, jetstream.KeyValueConfig{Bucket: r.bucket, History: keptRevisions, MaxBytes: bytesOfBucket, MaxValueSize: maxManifest})
	return r, err
}

func (r *Remote) why(err error) error { return r.link.Why(err, r.bucket) }

// Damaged is a revision that is there and cannot be read.
type Damaged struct {
	Entry uint64 // of the bucket
	Err   error
}

func (d *Damaged) Error() string { return fmt.Sprintf("the newest revision cannot be used: %v", d.Err) }

// Unwrap is why.
func (d *Damaged) Unwrap() error { return d.Err }

// Newest is the revision that all members are to have, and its entry; nil: there is none. An error is Damaged, or says why it is not known.
func (r *Remote) Newest(ctx context.Context) (*Manifest, uint64, error) {
	e, err := r.kv.Get(ctx, currentKey)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return nil, 0, nil
	case err != nil:
		return nil, 0, r.why(err)
	}
	m, err := Parse(e.Value())
	if err != nil {
		return nil, e.Revision(), &Damaged{e.Revision(), err}
	}
	return m, e.Revision(), nil
}

// History are the revisions that are kept, the newest first; what cannot be read is left out.
func (r *Remote) History(ctx context.Context) ([]*Manifest, error) {
	all, err := r.kv.History(ctx, currentKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, r.why(err)
	}
	var list []*Manifest
	for i := len(all) - 1; i >= 0 && len(list) < keptRevisions; i-- {
		if m, err := Parse(all[i].Value()); err == nil {
			list = append(list, m)
		}
	}
	return list, nil
}

// Meanwhile is that somebody else pushed.
type Meanwhile struct{ Other *Manifest }

func (m *Meanwhile) Error() string {
	if m.Other == nil {
		return "somebody changed the revisions meanwhile: nothing was pushed; look at them, and push again"
	}
	return fmt.Sprintf("somebody pushed revision %d meanwhile (%s): nothing was pushed; look at what it changed, and push again", m.Other.Number, m.Other.By)
}

// Publish makes m the newest revision, in the place of that of entry. Its files have to be there. An error is Meanwhile, or says that it is
// not known what became of it: it may be called again, with the same.
func (r *Remote) Publish(ctx context.Context, m *Manifest, entry uint64) error {
	text, err := m.Append(nil)
	if err != nil {
		return err
	}
	if _, err := Parse(text); err != nil {
		return fmt.Errorf("it cannot be pushed: %w", err)
	}
	if entry == 0 {
		_, err = r.kv.Create(ctx, currentKey, text)
	} else {
		_, err = r.kv.Update(ctx, currentKey, text, entry)
	}
	if err == nil {
		return nil
	}
	// A leader that died after it had stored it has not answered: what is there says what became of it.
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
	defer cancel()
	now, at, looked := r.Newest(look)
	var damaged *Damaged
	switch {
	case looked == nil && now != nil && now.ID == m.ID:
		return nil
	case (looked == nil || errors.As(looked, &damaged)) && at != entry:
		return &Meanwhile{now}
	}
	return fmt.Errorf("it is not known whether revision %d was pushed: %w", m.Number, r.why(err))
}

// Passes reports that an operation failed because a server or a leader was lost: by another connection, or later, it can be done.
func Passes(err error) bool {
	if store.Denied(err) {
		return false
	}
	for _, is := range []error{context.DeadlineExceeded, nats.ErrTimeout, nats.ErrConnectionClosed, nats.ErrNoResponders, nats.ErrDisconnected,
		jetstream.ErrNoStreamResponse, nats.ErrNoResponders, jetstream.ErrJetStreamNotEnabled} {
		if errors.Is(err, is) {
			return true
		}
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Code == 503
}

func newID() string {
	var b [idBytes]byte
	_, _ = rand.Read(b[:]) // which does not fail
	return hex.EncodeToString(b[:])
}

// Next is the manifest of c as the revision after last (nil: the first), and after all that members have.
func Next(c *Content, last *Manifest, members []*Report) *Manifest {
	m := c.Manifest()
	m.Format, m.ID, m.Time, m.Number = format, newID(), time.Now().UTC().Truncate(time.Second), 1
	if last != nil {
		m.Number = last.Number + 1
	}
	for _, p := range members { // what was pushed before JetStream was emptied
		if p.Revision < maxNumber {
			m.Number = max(m.Number, p.Revision+1)
		}
	}
	return m
}
