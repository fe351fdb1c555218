package modbus

import (
	"os"
	"testing"
	"time"

	"tagbridge/testrig/plc"
)

// soakTime is how long the lines are troubled: a moment, or what TAGBRIDGE_SOAK says, such as 5m.
func soakTime(t *testing.T) time.Duration {
	text := os.Getenv("TAGBRIDGE_SOAK")
	if text == "" {
		return 2 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A line that has every fault, each in one frame of fifty, delivers no wrong value and recovers from each.
func TestLineSoak(t *testing.T) {
	for _, transport := range []string{"rtu", "ascii", "rtuovertcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			tags := plcTags()
			u := frozen(tags)
			o := serveBus(t, transport, plc.LineOptions{Units: map[int]*plc.Unit{1: u}, Baud: 115200})
			link := openBus(t, o)
			for _, kind := range plc.LineFaultKinds {
				u.Inject(plc.Fault{Kind: kind, OneIn: 50, Code: byte(DeviceBusy), Delay: short, Jitter: short})
			}
			job := jobOf(tags, short)
			job.Device.Retries = 6
			rounds, bad := 0, 0
			for end := time.Now().Add(soakTime(t)); time.Now().Before(end); rounds++ {
				bad += readPLC(t, u, link, job) // it compares what is good
			}
			if values := rounds * len(tags); rounds == 0 || bad > values/4 {
				t.Errorf("%d of %d values were not read", bad, values)
			}
			t.Logf("%d rounds of %d values, %d not read, %d requests", rounds, len(tags), bad, u.Asked())
			u.ClearFaults()
			job = jobOf(tags, time.Second)
			readPLC(t, u, link, job)
			if bad := readPLC(t, u, link, job); bad > 0 {
				t.Errorf("%d tags are not read although the faults are over", bad)
			}
		})
	}
}
