package cluster

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/claims"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/testrig/natsd"
)

// epochs are those of what list reads, if all is read and the claims of it are kept.
func (p *plant) epochs(list ...*pc) map[string]uint64 {
	out := map[string]uint64{}
	for _, m := range list {
		s := m.State()
		if s.Claims != "" {
			return nil
		}
		for _, e := range s.Endpoints {
			if e.Held && m.claimed(e) {
				out[e.Key] = e.Epoch
			}
		}
	}
	if len(out) != len(p.o.Endpoints) {
		return nil
	}
	return out
}

// claimed reports whether the bucket says of e what m does.
func (m *pc) claimed(e Endpoint) bool {
	entry, ok := m.inBucket(e.Key)
	return ok && string(entry.Value()) == fmt.Sprintf(`{"v":1,"endpoint":%q,"node":%q,"run":"%016x","epoch":%d}`, e.Key, m.name, e.Run, e.Epoch)
}

func (m *pc) inBucket(key string) (jetstream.KeyValueEntry, bool) {
	l := m.Store().Current()
	if l == nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	kv, err := l.JS.KeyValue(ctx, store.Claims("line 3"))
	if err != nil {
		return nil, false
	}
	entry, err := kv.Get(ctx, claims.Key(key))
	return entry, err == nil
}

// TestEpochsGoOn has epochs go on over a stop of all members, without that anything is read by two or is not read meanwhile.
func TestEpochsGoOn(t *testing.T) {
	p := newPlant(t, 12, natsd.New(t, ""))
	p.o.Stop = true
	a, b := p.start("pc-a", nil), p.start("pc-b", nil)
	p.shared("two share", a, b)
	var before map[string]uint64
	await(t, "the claims are kept", func() bool { before = p.epochs(a, b); return before != nil })
	a.stop()
	b.stop()
	a = p.start("pc-a", nil)
	p.shared("one reads all", a)
	var after map[string]uint64
	await(t, "the claims are kept again", func() bool { after = p.epochs(a); return after != nil })
	for key, epoch := range after {
		if epoch <= before[key] {
			t.Errorf("%s has epoch %d after %d", key, epoch, before[key])
		}
	}
}

// TestOvertaken has a member stop reading as soon as the bucket says that another one took over, and read again where nobody is heard of.
func TestOvertaken(t *testing.T) {
	p := newPlant(t, 2, natsd.New(t, ""))
	a := p.start("pc-a", nil)
	p.shared("one reads all", a)
	await(t, "the claims are kept", func() bool { return p.epochs(a) != nil })
	e := a.State().Endpoints[0]
	entry, ok := a.inBucket(e.Key)
	if !ok {
		t.Fatal("there is no claim")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	kv, err := a.Store().Current().JS.KeyValue(ctx, store.Claims("line 3"))
	if err != nil {
		t.Fatal(err)
	}
	value := fmt.Sprintf(`{"v":1,"endpoint":%q,"node":"pc-x","run":"00000000000000ff","epoch":%d}`, e.Key, e.Epoch+1)
	if _, err := kv.Update(ctx, claims.Key(e.Key), []byte(value), entry.Revision()); err != nil {
		t.Fatal(err)
	}
	await(t, "it has stopped, and taken it again", func() bool {
		now := a.State().Endpoints[0]
		return now.Held && now.Epoch >= e.Epoch+2 && a.claimed(now)
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.ceased[e.Key]; n != 1 {
		t.Errorf("it was left %d times", n)
	}
}

// TestNoStore has everything but claims work without JetStream, and it be said.
func TestNoStore(t *testing.T) {
	p := newPlant(t, 12, natsd.Plain(t, ""))
	a, b := p.start("pc-a", nil), p.start("pc-b", nil)
	p.shared("two share", a, b)
	await(t, "it is said", func() bool { return a.State().Claims != "" && b.State().Claims != "" })
	b.stop()
	p.shared("one reads all", a)
	t.Log(a.State().Claims)
}
