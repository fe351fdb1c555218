package modbus

import (
	"testing"

	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// After one frame that has a fault, whichever, the next request is answered right: the same one, or one whose answer
// looks like that which was lost.
func TestRecoveryWithinOneRequest(t *testing.T) {
	for _, transport := range busTransports {
		for _, kind := range plc.LineFaultKinds {
			for _, next := range []string{"same", "other"} {
				t.Run(transport+"/"+string(kind)+"/"+next, func(t *testing.T) {
					first, other := []*mapping.Tag{register(0, mapping.TypeFloat32)}, []*mapping.Tag{register(100, mapping.TypeFloat32)}
					u := frozen(append(first, other...))
					link := openBus(t, serveBus(t, transport, plc.LineOptions{Units: map[int]*plc.Unit{1: u}}))
					u.Inject(plc.Fault{Kind: kind, Times: 1, Code: byte(DeviceBusy), Delay: 2 * short})
					job := jobOf(first, short)
					job.Device.Retries = 0
					readPLC(t, u, link, job) // it compares what is good
					u.ClearFaults()
					tags := first
					if next == "other" {
						tags = other
					}
					job = jobOf(tags, 30*short)
					job.Device.Retries = 0
					if bad := readPLC(t, u, link, job); bad > 0 {
						t.Error("the request after the fault is not answered")
					}
				})
			}
		}
	}
}
