package events

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

func TestReadInOrderOfTime(t *testing.T) {
	dir := t.TempDir()
	s := runWith(t, Options{Dir: dir}, func(s *Store) { s.pieces.most = 1 << 10 })
	for i := range 40 {
		k := i * 17 % 40 // as with a clock that is set
		s.Add(Event{Time: at(k), Kind: Edit, Device: fmt.Sprint("d", k%4), Text: fmt.Sprint(k)})
		s.flush(t)
	}
	s.stop()
	if numbers, _ := numbersIn(dir); len(numbers) < 2 {
		t.Fatalf("pieces: %v", numbers)
	}
	before := -1
	for _, text := range texts(t, dir, Query{}) {
		n, err := strconv.Atoi(text)
		if err != nil || n <= before {
			t.Errorf("%s comes after %d", text, before)
		}
		before = n
	}
	for _, c := range []struct {
		q    Query
		want []string
	}{
		{Query{Since: at(38)}, []string{"38", "39"}},
		{Query{Since: at(37), Until: at(38)}, []string{"37", "38"}},
		{Query{Since: at(34), Devices: []string{"d3"}}, []string{"35", "39"}},
		{Query{Since: at(36), Devices: []string{"d1", "d2"}}, []string{"37", "38"}},
		{Query{Since: at(40)}, nil},
	} {
		if got := texts(t, dir, c.q); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.q, got, c.want)
		}
	}
}

// A line that stands for several is found by the time of any of them.
func TestSumIsFoundByItsFirst(t *testing.T) {
	sum := Event{Time: at(10), First: at(1), More: 100, Kind: TagBad}
	for _, c := range []struct {
		since, until int
		want         bool
	}{{0, 5, true}, {5, 20, true}, {3, 4, true}, {11, 20, false}, {-5, 0, false}} {
		if q := (Query{Since: at(c.since), Until: at(c.until)}); q.Takes(&sum) != c.want {
			t.Errorf("from %d to %d: %v", c.since, c.until, !c.want)
		}
	}
}

func TestFollow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "events") // which is not there yet
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := make(chan string)
	ended := make(chan error)
	go func() {
		ended <- NewReader(dir).Follow(ctx, Query{Since: at(1)}, func(e *Event) bool {
			got <- e.Text
			return e.Text != "last"
		})
	}()
	s := runWith(t, Options{Dir: dir}, func(s *Store) { s.pieces.most = 300 })
	for i, want := range []string{"", "one", "two", "three", "last"} {
		s.Add(Event{Time: at(i), Kind: Edit, Text: want})
		if want == "" {
			continue
		}
		select {
		case text := <-got:
			if text != want {
				t.Errorf("%q comes, want %q", text, want)
			}
		case <-ctx.Done():
			t.Fatalf("%q does not come", want)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// What a copy holds is all there is to be read of it.
func TestCopyIsRead(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	write(t, dir, "one", "two")
	if err := os.CopyFS(filepath.Join(other, "x"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	os.Chmod(filepath.Join(other, "x"), 0o500)
	if got := texts(t, filepath.Join(other, "x"), Query{}); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%q", got)
	}
	os.Chmod(filepath.Join(other, "x"), 0o700)
}
