package main

import (
	"testing"
	"time"
)

func TestTally(t *testing.T) {
	y := &tally{values: make(map[string]map[int64]int)}
	for _, line := range []string{
		"plant,bridge=b,device=d1 a=1,b=2 1000", "plant,device=d1,area=x c=3,d.quality=\"BadTimeout\" 1000",
		"plant,device=d2 a=1 1000", "tagbridge,device=d2 online=true,latency_ms=1.5 1000", "plant,device=d1 a=1,b=2,c=3 2000",
		"plant,device=d1 a=1,b=2,c=3 3000", "plant,device=d1 a=1,b=2,c=3 3000",
	} {
		if err := y.add([]byte(line)); err != nil {
			t.Error(err)
		}
	}
	for _, line := range []string{"", "a,device=x f=1", "a f=1 1", "a,device=x f=1 now"} {
		if y.add([]byte(line)) == nil {
			t.Errorf("%q was counted", line)
		}
	}
	p := plant{Tags: 3, Period: time.Second}
	lost, twice := compare([]int64{1e9 - 1e6, 2e9 - 1e6, 3e9 - 1e6, 4e9 - 1e6}, y.values["d1"], p)
	if lost != 3 || twice != 3 {
		t.Errorf("%d lost, %d twice, want 3 and 3", lost, twice)
	}
	if lost, twice := compare([]int64{1e9}, y.values["d2"], p); lost != 2 || twice != 0 {
		t.Errorf("%d lost, %d twice, want 2 and 0", lost, twice)
	}
}
