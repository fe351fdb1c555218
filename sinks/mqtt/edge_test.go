package mqtt

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/sparkplug"
	"tagbridge/testrig/filelimit"
)

// node makes an edge node for the broker at address, whose will is numbered in file.
func node(t testing.TB, address, version, file string, change func(*EdgeOptions)) *Edge {
	t.Helper()
	o := EdgeOptions{
		Options:   Options{URL: "mqtt://" + address, ClientID: "test", Version: version},
		Sparkplug: sparkplug.Options{Group: "G", Node: "E", Aliases: true},
		File:      file,
	}
	if change != nil {
		change(&o)
	}
	e, err := OpenEdge(o)
	if err != nil {
		t.Fatal(err)
	}
	e.s.lives.rests = rests{}
	t.Cleanup(func() { e.Close() })
	return e
}

// give sends v as a forwarder does: with the present values when the node asks for them. present may be nil: none.
func give(t testing.TB, e *Edge, v, present *sinks.View) error {
	t.Helper()
	err := e.Tend(patience(t))
	if err == nil && v != nil {
		_, err = e.Send(patience(t), v)
	}
	if !isIntroduce(err) {
		return err
	}
	births := sinks.Introduction()
	if present != nil {
		for i := range present.Batches {
			births.Append(&present.Batches[i], nil)
		}
	}
	if _, err := e.Send(patience(t), &births); err != nil {
		return err
	}
	if v == nil {
		return nil
	}
	_, err = e.Send(patience(t), v)
	return err
}

// messages are those that f has received, as Sparkplug has them, from number n on.
func (f *fake) messages(n int) (list []spPayload) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.received[n:] {
		list = append(list, spParse(p.topic, []byte(p.payload)))
	}
	return list
}

func kinds(list []spPayload) (out string) {
	for _, p := range list {
		out += fmt.Sprint(p.kind, " ", p.seq, ", ")
	}
	return out
}

// rebirth is what a host asks with.
const rebirth = "\x12\x1a\x0a\x14Node Control/Rebirth\x20\x0b\x70\x01"

// TestEdgeSession is a session from its will to its end, with hosts that ask for births.
func TestEdgeSession(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		file := filepath.Join(t.TempDir(), "sparkplug", "scada")
		e := node(t, f.addr(), version, file, nil)
		g := plant("boiler", 2)
		v := polls(g, 1)
		if err := give(t, e, v, v); err != nil {
			t.Fatal(err)
		}
		if got := kinds(f.messages(0)); got != "NBIRTH 0, DBIRTH 1, DDATA 2, " {
			t.Errorf("published %s", got)
		}
		first := f.messages(0)[0].metric("bdSeq")
		if first.datatype != 4 || first.value != uint64(0) || first.alias != 0 {
			t.Errorf("bdSeq %+v", first)
		}
		f.mu.Lock()
		for _, p := range f.received {
			if p.qos != 0 || p.retain {
				t.Errorf("%s at QoS %d, retained %v", p.topic, p.qos, p.retain)
			}
		}
		if len(f.fences) == 0 || f.subscribed[0] != "spBv1.0/G/NCMD/E" {
			t.Errorf("subscribed to %q, fences %q", f.subscribed, f.fences)
		}
		f.mu.Unlock()

		for range 10 {
			f.push("spBv1.0/G/NCMD/E", rebirth, 1)
		}
		f.await("acknowledgements", func() bool { return f.pubacks == 10 })
		if err := give(t, e, nil, v); err != nil {
			t.Fatal(err)
		}
		again := f.messages(3)
		if got := kinds(again); got != "NBIRTH 0, DBIRTH 1, " || again[0].metric("bdSeq").value != uint64(0) {
			t.Errorf("asked ten times: published %s", got)
		}
		e.Close()
		if got := f.messages(5); len(got) != 1 || got[0].kind != "NDEATH" || got[0].seq != -1 || len(got[0].metrics) != 1 {
			t.Errorf("the end is %+v", got)
		}
		f.await("a goodbye", func() bool { return f.goodbyes == 1 })

		e = node(t, f.addr(), version, file, nil)
		if err := give(t, e, v, v); err != nil {
			t.Fatal(err)
		}
		if got := f.messages(6)[0].metric("bdSeq"); got.value != uint64(1) {
			t.Errorf("after a restart bdSeq is %v", got.value)
		}
	})
}

// TestBirthsAreJoined asks a hundred times a second for ten: the first gets births at once, then they come once a second, and
// in between data goes on. Who asks last gets them too.
func TestBirthsAreJoined(t *testing.T) {
	var b births
	alarm := time.NewTimer(time.Hour)
	defer alarm.Stop()
	now := time.Unix(1000, 0)
	made, data := 0, 0
	for i := range 1000 {
		b.ask()
		now = now.Add(10 * time.Millisecond)
		if !b.due(now, alarm) {
			data++
			continue
		}
		if !b.take() || !b.begin(now) {
			t.Fatal("nobody asked")
		}
		if made++; i == 0 {
			b.ask() // while they are under way
		}
	}
	if made != 10 || data != 990 {
		t.Errorf("%d births, data went out %d times", made, data)
	}
	b.ask()
	if now = now.Add(birthPause); !b.due(now, alarm) {
		t.Error("the last request was forgotten")
	}
}

// TestEdgePrimaryHost publishes only while the host is online, on whichever of two brokers that is.
func TestEdgePrimaryHost(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		one, two := newFake(t), newFake(t)
		two.retained = [][2]string{{"STATE/H", "OFFLINE"}, {"spBv1.0/STATE/H", `{"online":true,"timestamp":2000}`}}
		one.retained = [][2]string{{"spBv1.0/STATE/H", `{"online":true,"timestamp":1000}`}}
		e := node(t, one.addr(), version, "", func(o *EdgeOptions) {
			o.PrimaryHost, o.URLs = "H", []string{"mqtt://" + two.addr()}
		})
		v := polls(plant("boiler", 1), 1)
		if err := give(t, e, v, v); err != nil {
			t.Fatal(err)
		}
		one.push("spBv1.0/STATE/H", `{"online":false,"timestamp":999}`, 1) // of before
		one.push("spBv1.0/STATE/other", `{"online":false,"timestamp":3000}`, 1)
		one.await("acknowledgements", func() bool { return one.pubacks == 3 })
		if err := give(t, e, v, v); err != nil {
			t.Fatal(err)
		}
		one.push("spBv1.0/STATE/H", `{"online":false,"timestamp":1000}`, 1)
		one.await("another", func() bool { return one.pubacks == 4 })
		if err := give(t, e, v, v); err != nil {
			t.Fatal(err)
		}
		if got := kinds(one.messages(0)); got != "NBIRTH 0, DBIRTH 1, DDATA 2, DDATA 3, NDEATH -1, " {
			t.Errorf("the first broker got %s", got)
		}
		if got := kinds(two.messages(0)); got != "NBIRTH 0, DBIRTH 1, DDATA 2, " {
			t.Errorf("the second broker got %s", got)
		}
	})
}

// TestEdgeIsNotLetSubscribe holds a node whose broker does not let it hear commands.
func TestEdgeIsNotLetSubscribe(t *testing.T) {
	f := newFake(t)
	f.suback = 0x87
	e := node(t, f.addr(), "5", "", nil)
	var fault *sinks.Fault
	if fault = faultIn(give(t, e, nil, nil)); fault == nil || fault.Action != sinks.Hold {
		t.Errorf("fault %v", fault)
	}
	if got := f.messages(0); len(got) > 0 {
		t.Errorf("published %v", got)
	}
}

// TestEdgeBirthTooLarge leaves out a device whose birth no message can hold, names its samples, and publishes the others.
func TestEdgeBirthTooLarge(t *testing.T) {
	f := newFake(t)
	e := node(t, f.addr(), "5", "", func(o *EdgeOptions) { o.MaxPacket = 400 })
	small, large := plant("small", 1), plant("large", 100)
	var v sinks.View
	for _, g := range []*mapping.Group{large, small} {
		for _, b := range polls(g, 1).Batches {
			v.Append(&b, nil)
		}
	}
	err := give(t, e, &v, &v)
	unfit, ok := err.(*sinks.Unfit) //nolint:errorlint // as Send returns it
	if !ok || len(unfit.Places) != 100 || unfit.Then != nil {
		t.Fatalf("%v", err)
	}
	for _, p := range f.messages(0) {
		if p.device == "large" {
			t.Errorf("%s of the large device", p.kind)
		}
	}
}

// TestBdSeqOverDisks keeps counting on disks that do not take the number, and does not begin at 0 after a damaged one.
func TestBdSeqOverDisks(t *testing.T) {
	if !filelimit.Alone(t) {
		return
	}
	path := filepath.Join(t.TempDir(), "a", "b")
	for want := range 300 {
		b := bdSeq{path: path}
		if n, err := b.next(); err != nil || n != uint8(want) {
			t.Fatalf("number %d, %v, want %d", n, err, uint8(want))
		}
	}
	b := bdSeq{path: path}
	filelimit.Under(t, 0, func() {
		n, err := b.next()
		m, again := b.next()
		if err == nil || again == nil || m != n+1 {
			t.Errorf("on a full disk %d and %d: %v, %v", n, m, err, again)
		}
	})
	if n, err := b.next(); err != nil || n != 302-256 {
		t.Errorf("after the disk was full %d, %v", n, err)
	}
}

// faultIn is the fault that err is; nil: none.
func faultIn(err error) *sinks.Fault {
	var f *sinks.Fault
	errors.As(err, &f)
	return f
}
