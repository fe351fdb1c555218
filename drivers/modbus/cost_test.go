package modbus

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// serveCheaply answers reads of any registers with zeros, without allocating.
func serveCheaply(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		var in [12]byte
		var out [260]byte
		for {
			if _, err := io.ReadFull(conn, in[:]); err != nil {
				return
			}
			size := 2 * int(binary.BigEndian.Uint16(in[10:]))
			if isBits(in[7]) {
				size = (size/2 + 7) / 8
			}
			copy(out[:], in[:8])
			binary.BigEndian.PutUint16(out[4:], uint16(3+size))
			out[8] = byte(size)
			if _, err := conn.Write(out[:9+size]); err != nil {
				return
			}
		}
	}()
	return listener.Addr().String()
}

// openCheap is an open link, and a job of one request for the given number of tags.
func openCheap(t testing.TB, table mapping.Table, n int) (drivers.Link, *drivers.Job) {
	t.Helper()
	link, err := NewLink(LinkOptions{Transport: "tcp", Address: serveCheaply(t), Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	var tags []*mapping.Tag
	for i := range n {
		tags = append(tags, inTable(table, i))
	}
	return link, &drivers.Job{Device: &drivers.Device{Timeout: time.Second}, Work: planOf(Limits{}, tags...)}
}

func TestAllocations(t *testing.T) {
	for _, test := range []struct {
		table mapping.Table
		tags  int
	}{{mapping.Holding, 1}, {mapping.Holding, 125}, {mapping.Coil, 8}} {
		link, j := openCheap(t, test.table, test.tags)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var b mapping.Batch
		got := testing.AllocsPerRun(100, func() {
			b.Reset(nil)
			if next, err := link.Do(ctx, j, 0, &b); next != 0 || err != nil || len(b.Samples) != test.tags {
				t.Fatalf("Do = %d, %v with %d samples", next, err, len(b.Samples))
			}
		})
		if got > 0 {
			t.Errorf("%v allocations for a request of %d %v tags, want none", got, test.tags, test.table)
		}
	}
}

func TestNoAllocationPerSample(t *testing.T) {
	var tags []*mapping.Tag
	for i := range 100 {
		tags = append(tags, register(i, mapping.TypeUint16))
	}
	p := planOf(Limits{}, tags...)
	raw := make([]byte, 200)
	var b mapping.Batch
	round := func() {
		b.Reset(nil)
		p.begin(start{})
		p.next()
		p.answer(raw, &b)
		p.finish(&b)
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations in a round, want none", n)
	}
}

func BenchmarkDo(b *testing.B) {
	link, j := openCheap(b, mapping.Holding, 125)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var batch mapping.Batch
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset(nil)
		if _, err := link.Do(ctx, j, 0, &batch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	var numbers []int
	for n := range 125 {
		numbers = append(numbers, n)
	}
	p := planOf(Limits{}, words(numbers...)...)
	raw := make([]byte, 250)
	var batch mapping.Batch
	for b.Loop() {
		batch.Reset(nil)
		p.begin(start{})
		p.answer(raw, &batch)
		p.finish(&batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/125, "ns/sample")
}

func BenchmarkNewPlan(b *testing.B) {
	var tags []*mapping.Tag
	for n := range 500 {
		tags = append(tags, register(2*n, mapping.TypeFloat32))
	}
	codecs := make([]*mapping.Codec, len(tags))
	b.ReportAllocs()
	for b.Loop() {
		NewPlan(tags, codecs, 1, Limits{MaxGap: 16})
	}
}
