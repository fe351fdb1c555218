package web

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
)

// TestNewestEvents writes events as a bridge does, and asks again and again.
func TestNewestEvents(t *testing.T) {
	data := t.TempDir()
	var k newest
	ask := func(n int, q events.Query, want ...string) {
		t.Helper()
		list, err := k.of(data, q, n)
		var got []string
		for _, e := range list {
			got = append(got, e.Text)
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the last %d are %v, %v; want %v", n, got, err, want)
		}
	}
	ask(5, events.Query{})
	if err := os.MkdirAll(events.Folder(data), 0o755); err != nil {
		t.Fatal(err)
	}
	ask(5, events.Query{})
	begin := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	file, err := os.Create(filepath.Join(events.Folder(data), "0000000001.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	written := 0
	write := func(n int) {
		t.Helper()
		for range n {
			e := events.Event{Time: begin.Add(time.Duration(written) * time.Second), Kind: events.TagBad, Device: []string{"a", "b"}[written%2], Text: fmt.Sprint(written)}
			if err := json.NewEncoder(file).Encode(&e); err != nil {
				t.Fatal(err)
			}
			written++
		}
	}
	write(3)
	ask(5, events.Query{}, "0", "1", "2")
	ask(2, events.Query{}, "1", "2")
	ask(2, events.Query{Devices: []string{"a"}}, "0", "2")
	write(1)
	ask(2, events.Query{}, "2", "3")
	write(5 * mostNewest)
	ask(2, events.Query{}, "1002", "1003")
	if list, err := k.of(data, events.Query{Until: begin.Add(time.Hour)}, mostNewest); err != nil || len(list) != mostNewest || len(k.list) > 2*mostNewest {
		t.Errorf("%d events, %d kept, %v", len(list), len(k.list), err)
	}
	ask(2, events.Query{Since: begin.Add(24 * time.Hour)})
}
