package revision

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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

// fileTime bounds how long one file of that size takes: a slow line has a second for each MB.
func fileTime(size int) time.Duration {
	return 6*time.Second + time.Duration(size>>20)*time.Second
}

// Store stores the files of c that are not there.
func (r *Remote) Store(ctx context.Context, c *Content) error {
	m := c.Manifest()
	if err := r.storeOne(ctx, m.Config, []byte(c.Config)); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := r.storeOne(ctx, f, c.Files[f.Name]); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func (r *Remote) storeOne(ctx context.Context, f File, content []byte) error {
	ctx, cancel := context.WithTimeout(ctx, fileTime(f.Size))
	defer cancel()
	there, err := r.has(ctx, f)
	if err != nil || there {
		return r.why(err)
	}
	if _, err = r.objects.Put(ctx, jetstream.ObjectMeta{Name: f.Sum, Opts: &jetstream.ObjectMetaOptions{ChunkSize: pieceBytes}}, bytes.NewReader(content)); err != nil {
		return r.why(err)
	}
	there, err = r.has(ctx, f)
	if err == nil && !there {
		err = context.DeadlineExceeded // whoever answered has not got it yet
	}
	return r.why(err)
}

// unusedTime is how long a file stays that no revision names: somebody may be about to push one that does.
const unusedTime = 7 * 24 * time.Hour

// Sweep removes files that none of these revisions names, and none has named for long.
func (r *Remote) Sweep(ctx context.Context, kept []*Manifest) error {
	return r.sweep(ctx, kept, unusedTime)
}

func (r *Remote) sweep(ctx context.Context, kept []*Manifest, unused time.Duration) error {
	used := map[string]bool{}
	for _, m := range kept {
		used[m.Config.Sum] = true
		for _, f := range m.Files {
			used[f.Sum] = true
		}
	}
	all, err := r.objects.List(ctx)
	if errors.Is(err, jetstream.ErrNoObjectsFound) {
		return nil
	}
	for _, info := range all {
		if err == nil && !used[info.Name] && time.Since(info.ModTime) > unused {
			err = r.objects.Delete(ctx, info.Name)
		}
	}
	return r.why(err)
}

// has reports that a file is there, by what is said of it: who fetches it sees whether that is true.
func (r *Remote) has(ctx context.Context, f File) (bool, error) {
	info, err := r.objects.GetInfo(ctx, f.Sum)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return info.Size == uint64(f.Size) && !isLink(info), nil
}

// isLink reports an object that says that it is another one.
func isLink(info *jetstream.ObjectInfo) bool { return info.Opts != nil && info.Opts.Link != nil }

// Has reports that all files of m are there.
func (r *Remote) Has(ctx context.Context, m *Manifest) error {
	for _, f := range append([]File{m.Config}, m.Files...) {
		there, err := r.has(ctx, f)
		if err != nil {
			return r.why(err)
		}
		if !there {
			return fmt.Errorf("revision %d: %w", m.Number, missing(f))
		}
	}
	return nil
}

func missing(f File) error {
	name := f.Name
	if name == "" {
		name = "the configuration"
	}
	return fmt.Errorf("%s is not in NATS, or is another file than it was: push again", name)
}

// Fetch is the content of a file, which has its size and sum.
func (r *Remote) Fetch(ctx context.Context, f File) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fileTime(f.Size))
	defer cancel()
	info, err := r.objects.GetInfo(ctx, f.Sum)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return nil, missing(f)
	case err != nil:
		return nil, r.why(err)
	case info.Size != uint64(f.Size) || isLink(info) || strings.ContainsAny(info.NUID, " .*>\r\n\t"):
		return nil, missing(f)
	}
	b, err := r.pieces(ctx, info.NUID, f.Size)
	if err != nil {
		return nil, r.why(err)
	}
	if NewFile(f.Name, b) != f {
		return nil, missing(f)
	}
	return b, nil
}

// pieces are those of an object, one after another: a consumer would send them by a flow that its server has to keep up.
func (r *Remote) pieces(ctx context.Context, name string, size int) ([]byte, error) {
	stream, err := r.link.JS.Stream(ctx, "OBJ_"+r.bucket)
	if err != nil {
		return nil, err
	}
	b, at := make([]byte, 0, size), uint64(0)
	for len(b) < size {
		m, err := stream.GetMsg(ctx, at+1, jetstream.WithGetMsgSubject("$O."+r.bucket+".C."+name))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, context.DeadlineExceeded // whoever answered has not got it yet
		}
		if err != nil {
			return nil, err
		}
		at = m.Sequence
		b = append(b, m.Data...)
	}
	return b, nil
}

// FetchAll is the whole content of a revision.
func (r *Remote) FetchAll(ctx context.Context, m *Manifest) (*Content, error) {
	c := &Content{Files: map[string][]byte{}}
	b, err := r.Fetch(ctx, m.Config)
	if err != nil {
		return nil, err
	}
	c.Config = string(b)
	for _, f := range m.Files {
		if c.Files[f.Name], err = r.Fetch(ctx, f); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Report is what a member says of its configuration.
type Report struct {
	Node     string    `json:"node"`
	Program  string    `json:"program"`
	Time     time.Time `json:"time"`
	Revision int       `json:"revision"` // that it has; 0: none
	ID       string    `json:"id"`
	Differs  []string  `json:"differs,omitempty"` // what was changed there by hand since
	Refused  int       `json:"refused,omitempty"` // the revision that it does not take; 0: none
	Why      string    `json:"why,omitempty"`
}

// Say says it to all.
func (r *Remote) Say(ctx context.Context, p *Report) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = r.kv.Put(ctx, store.Key(reportKey, p.Node), b)
	return r.why(err)
}

// ReportOf is what a member said last; nil: nothing that can be read.
func (r *Remote) ReportOf(ctx context.Context, node string) (*Report, error) {
	e, err := r.kv.Get(ctx, store.Key(reportKey, node))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, r.why(err)
	}
	var p Report
	if len(e.Value()) > maxReport || json.Unmarshal(e.Value(), &p) != nil || p.Node != node {
		return nil, nil
	}
	p.Why, p.Program = printable(p.Why), printable(p.Program)
	return &p, nil
}

// Reported are the members that ever said something.
func (r *Remote) Reported(ctx context.Context) (list []*Report, err error) {
	w, err := r.kv.Watch(ctx, reportKey+".*", jetstream.IgnoreDeletes())
	if err != nil {
		return nil, r.why(err)
	}
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return list, r.why(ctx.Err())
		case e := <-w.Updates():
			if e == nil {
				return list, nil
			}
			var p Report
			if len(e.Value()) <= maxReport && len(list) < maxFiles && json.Unmarshal(e.Value(), &p) == nil && store.Key(reportKey, p.Node) == e.Key() {
				p.Why, p.Program = printable(p.Why), printable(p.Program)
				list = append(list, &p)
			}
		}
	}
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
