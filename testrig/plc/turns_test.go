package plc

import (
	"slices"
	"testing"
)

// TestTurns has two connections ask in turn, and one too many be closed.
func TestTurns(t *testing.T) {
	s, a := serve(t, "tcp", ServerOptions{Connections: 2})
	b := dial(t, s)
	ask := func(c interface{ Write([]byte) (int, error) }) {
		t.Helper()
		if _, err := c.Write(unhex(t, "000100000006010300000001")); err != nil {
			t.Fatal(err)
		}
	}
	const refused = "00010000000301830b"
	for range 2 {
		ask(a)
		expect(t, a, refused)
	}
	ask(b)
	expect(t, b, refused)
	ask(a)
	expect(t, a, refused)
	var got []Turn
	for _, turn := range s.Turns() {
		if turn.First.After(turn.Last) {
			t.Errorf("a turn ends before it begins: %+v", turn)
		}
		got = append(got, Turn{Conn: turn.Conn, Requests: turn.Requests, Again: turn.Again})
	}
	first := got[0].Conn
	want := []Turn{{Conn: first, Requests: 2}, {Conn: 3 - first, Requests: 1}, {Conn: first, Requests: 1, Again: true}}
	if !slices.Equal(got, want) {
		t.Errorf("turns %+v, want %+v", got, want)
	}
	c := dial(t, s)
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("a third connection was answered with %d bytes", n)
	}
	if s.Accepted() != 2 {
		t.Errorf("%d were taken", s.Accepted())
	}
}
