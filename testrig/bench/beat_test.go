package main

import (
	"slices"
	"testing"
	"time"
)

func TestBeatOf(t *testing.T) {
	const s = int64(time.Second)
	ms := int64(time.Millisecond)
	b := beatOf([]int64{7 * s, 8*s + 2*ms, 9*s + 2*ms, 10*s + 5*ms, 13*s + 2*ms, 14*s + 1*ms}, time.Second)
	if b.missed != 2 {
		t.Errorf("missed %d, want 2", b.missed)
	}
	want := []time.Duration{2e6, 0, 0, 3e6, 0, 1e6}
	if !slices.Equal(b.deviations, want) {
		t.Errorf("deviations %v, want %v", b.deviations, want)
	}
	slices.Sort(b.deviations)
	if p := quantile(b.deviations, 0.5); p != 0 {
		t.Errorf("median %v", p)
	}
	if p := quantile(b.deviations, 1); p != 3e6 {
		t.Errorf("worst %v", p)
	}
	if quantile(nil, 0.5) != 0 || len(beatOf(nil, time.Second).deviations) != 0 {
		t.Error("something of nothing")
	}
}

func TestPlantLeavesNoGaps(t *testing.T) {
	at := uint16(0)
	for _, tag := range (plant{Tags: 21}).tags() {
		if tag.Address.Number != at {
			t.Fatalf("%s at %d, want %d", tag.Name, tag.Address.Number, at)
		}
		at += uint16(tag.Registers())
	}
	if at != 31 {
		t.Errorf("%d registers, want 31", at)
	}
}
