package modbus

import (
	"bytes"
	"testing"
)

// asOf is a question for two registers, and the frame that answers it.
func asOf(transaction uint16) (*question, []byte) {
	r := request{unit: 1, function: readHolding, address: 3, count: 2}
	return &question{request: r, transaction: transaction}, query{request: r, transaction: transaction}.right()
}

// An answer is found however it is cut, whatever whole frames or noise come before it.
func TestFindCut(t *testing.T) {
	q, right := asOf(7)
	_, other := asOf(6)
	for _, before := range [][]byte{nil, other, []byte("www.usr.cn"), append([]byte{0xFF}, other...), {9, 7, 0}, make([]byte, 30)} {
		b := append(bytes.Clone(before), right...)
		for n := range b {
			if a, ok := q.find(b[:n], 0, new(strange)); ok {
				t.Fatalf("find(% x) = %+v, with the answer cut", b[:n], a)
			}
			var in inbox
			in.begin()
			copy(in.space(false), b[:n])
			in.n += n
			if in.take(q); in.n > len(in.b) {
				t.Fatal("more than there is room for")
			}
			in.n += copy(in.space(false), b[n:])
			a, ok := in.take(q)
			if !ok || a.err != nil || !bytes.Equal(a.data, right[leastFrame:]) {
				t.Fatalf("% x, cut at %d: %+v, %v", b, n, a, ok)
			}
		}
	}
}

// What is left of a damaged frame from before the request does not take the answer with it.
func TestFindAfterRestOfAnotherFrame(t *testing.T) {
	q, right := asOf(7)
	_, other := asOf(6)
	for n := 1; n < len(other); n++ {
		b := append(bytes.Clone(other[:n]), right...)
		a, ok := q.find(b, n, new(strange))
		if !ok || a.err != nil || !bytes.Equal(a.data, right[leastFrame:]) {
			t.Errorf("after %d bytes of another frame: %+v, %v", n, a, ok)
		}
	}
}

// FuzzFind: nothing that a peer sends makes an answer of anything but a frame that has the number, the function and the
// size that were asked for; what is done with grows, and what is kept is bounded.
func FuzzFind(f *testing.F) {
	_, right := asOf(7)
	_, other := asOf(6)
	for _, seed := range [][]byte{
		right, other, append(bytes.Clone(other), right...), []byte("www.usr.cn"), append([]byte{0xFF, 0}, right...),
		query{request: request{unit: 1, function: 3}, transaction: 7}.exception(IllegalDataAddress),
		query{request: request{unit: 255, function: 3}, transaction: 7}.exception(TargetFailedRespond),
		{0, 7, 0, 0, 0, 8, 1, 3, 4, 0, 1, 0, 2}, {0, 7, 0, 0, 0, 11, 1, 3, 8, 0, 0, 0, 1, 0, 0, 0, 2}, {0, 7, 0, 0, 0, 6, 1, 3, 0, 3, 0, 2},
		{1, 3, 4, 0, 1, 0, 2, 0x2A, 0x32},
	} {
		f.Add(seed, uint8(len(seed)/2), uint8(0))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut, old uint8) {
		q, _ := asOf(7)
		if int(old) > len(b) {
			old = uint8(len(b))
		}
		var s strange
		a, ok := q.find(b, int(old), &s)
		if a.end < 0 || a.end > len(b) {
			t.Fatalf("done with %d of %d bytes", a.end, len(b))
		}
		if !ok && len(b)-a.end > frameSize {
			t.Errorf("%d bytes are kept, more than a frame", len(b)-a.end)
		}
		if ok && a.err == nil {
			start := a.end - leastFrame - q.size()
			want := append([]byte{0, 7, 0, 0, 0, byte(3 + q.size()), 1, 3, byte(q.size())}, a.data...)
			if start < 0 || !bytes.Equal(b[start:a.end], want) {
				t.Errorf("% x is no answer, from % x", a.data, b)
			}
		}
		_ = s.String()
		var in inbox
		in.begin()
		for part := b; len(part) > 0; { // as a connection would bring it
			room := in.space(false)
			if len(room) == 0 {
				t.Fatal("no room for what comes")
			}
			n := copy(room, part[:min(len(part), 1+int(cut))])
			in.n, part = in.n+n, part[n:]
			in.take(q)
		}
	})
}
