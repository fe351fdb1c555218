package wire

import (
	"bytes"
	"errors"
	"math"
	"runtime"
	"testing"
)

// TestLargeMessagesStaySmallInMemory decodes 4 MiB of the smallest elements there are of each kind.
func TestLargeMessagesStaySmallInMemory(t *testing.T) {
	const size = 4 << 20
	// filled is a message that announces as many elements as there are in the rest of it.
	filled := func(head, element []byte) []byte {
		n := (size - len(head) - 4) / len(element)
		return append(le.AppendUint32(head, uint32(n)), bytes.Repeat(element, n)...)
	}
	null := le.AppendUint32(nil, math.MaxUint32)
	nulls := func(n int) (b []byte) {
		for range n {
			b = append(b, null...)
		}
		return b
	}
	notification := append(le.AppendUint32(le.AppendUint32(nil, 1), 0), make([]byte, 13)...)
	for name, c := range map[string]struct {
		msg    []byte
		decode func(r *Reader)
	}{
		"parts of a notification": {filled(notification, make([]byte, 3)), func(r *Reader) { r.Notification() }},
		"node ids":                {filled(nil, make([]byte, 2)), func(r *Reader) { r.NodeIDs() }},
		"branches":                {filled(nil, append(make([]byte, 4), nulls(2)...)), func(r *Reader) { r.Branches() }},
		"references": {filled(append(le.AppendUint32(nil, 1), append(make([]byte, 4), null...)...), make([]byte, 20)),
			func(r *Reader) { r.Branches() }},
		"targets": {filled(nil, append(make([]byte, 4), null...)), func(r *Reader) { r.Targets() }},
		"endpoints": {filled(nil, append(append(append(nulls(3), 0), append(make([]byte, 4), nulls(4)...)...),
			append(append(make([]byte, 4), nulls(3)...), 0)...)), func(r *Reader) { r.Endpoints() }},
		"items":                   {filled(nil, make([]byte, 23)), func(r *Reader) { r.ItemResults() }},
		"fields":                  {filled(make([]byte, 8), make([]byte, 24)), func(r *Reader) { r.Definition() }},
		"texts of an enumeration": {filled(nil, make([]byte, 14)), func(r *Reader) { r.EnumTexts() }},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := NewReader(c.msg)
		c.decode(r)
		runtime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; made > maxDecoded+1<<20 {
			t.Errorf("%s: 4 MiB become %d MiB", name, made>>20)
		}
		if status := BadEncodingLimitsExceeded; r.Err() != nil && name != "parts of a notification" && !errors.Is(r.Err(), status) {
			t.Errorf("%s: %v", name, r.Err())
		}
	}
}
