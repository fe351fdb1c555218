package sinks

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
)

func TestAsideTellsEditedSeriesApart(t *testing.T) {
	var a aside
	var v View
	silent := report{log: slog.New(slog.DiscardHandler)}
	v.Append(intBatch(testGroup("a", 2), 0, 2), nil)
	for range strikesOut {
		part := v.Slice(1, 2)
		a.refused(&part, "why", &silent)
	}
	same := testGroup("a", 2)
	edited := testGroup("a", 2)
	edited.Series[1] = &mapping.Series{Tag: "t1", Field: "t1", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F64}}
	if list := a.of(same); list == nil || list[1] == nil || !list[1].aside || list[0] != nil {
		t.Errorf("series of equal content in another group: %v", list)
	}
	if list := a.of(edited); list != nil {
		t.Errorf("a series with another type is still set aside: %v", list)
	}
}

func TestAsideCut(t *testing.T) {
	a, b := testGroup("a", 3), testGroup("b", 3)
	silent := report{log: slog.New(slog.DiscardHandler)}
	start := time.Now()
	for _, test := range []struct {
		name  string
		from  int
		now   time.Time
		left  []string
		gone  []string
		trial int
	}{
		{"before the time", 0, start, []string{"a 0", "a 2", "b 10", "b 11", "b 12", "a 20", "a 22"}, []string{"a 1", "a 21"}, -1},
		{"from the middle", 2, start, []string{"a 0", "a 1", "a 2", "b 10", "b 11", "b 12", "a 20", "a 22"}, []string{"a 21"}, -1},
		{"in the last batch", 4, start.Add(2 * retryAside), []string{"a 0", "a 1", "a 2", "b 10", "b 11", "b 12", "a 20", "a 21", "a 22"}, nil, 7},
		{"in the first batch", 0, start.Add(2 * retryAside), []string{"a 0", "a 1", "a 2", "b 10", "b 11", "b 12", "a 20", "a 22"}, []string{"a 21"}, 1},
	} {
		var account aside
		var v View
		var gone untried
		v.AppendFrom(0, intBatch(a, 0, 3), nil)
		v.AppendFrom(10, intBatch(b, 10, 3), nil)
		v.AppendFrom(20, intBatch(a, 20, 3), nil)
		part := v.Slice(1, 2)
		for range strikesOut {
			account.refused(&part, "why", &silent)
		}
		trial := account.cut(&v, &gone, test.from, test.now)
		if !slices.Equal(contents(&v), test.left) || !slices.Equal(contents(&gone.v), test.gone) || trial != test.trial || v.Len() != len(test.left) {
			t.Errorf("%s: %q are left, %q gone, trial %d", test.name, contents(&v), contents(&gone.v), trial)
		}
		for n, text := range test.left {
			if p, ok := v.position(n); !ok || !strings.HasSuffix(text, fmt.Sprintf(" %d", p)) {
				t.Errorf("%s: sample %q is said to be at %d, %v", test.name, text, p, ok)
			}
		}
		for n, text := range test.gone {
			if !strings.HasSuffix(text, fmt.Sprintf(" %d", gone.from[n])) {
				t.Errorf("%s: sample %q, which is gone, is said to be at %d", test.name, text, gone.from[n])
			}
		}
	}
}

func TestAsideLeavesNoEmptyBatches(t *testing.T) {
	silent := report{log: slog.New(slog.DiscardHandler)}
	var account aside
	var v View
	var gone untried
	v.Append(intBatch(testGroup("a", 1), 0, 1), nil)
	v.Append(intBatch(testGroup("b", 1), 1, 1), nil)
	part := v.Slice(0, 1)
	for range strikesOut {
		account.refused(&part, "why", &silent)
	}
	account.cut(&v, &gone, 0, time.Now())
	if len(v.Batches) != 1 || v.Len() != 1 || gone.v.Len() != 1 {
		t.Errorf("%d batches with %d samples are left", len(v.Batches), v.Len())
	}
}
