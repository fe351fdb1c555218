package modbus

import (
	"testing"
	"time"

	"tagbridge/mapping"
)

// FuzzRefuse polls a unit with random holes and a largest block: at every poll each tag that can be read alone is
// good and right, the others are bad, and soon nothing is asked for that is refused.
func FuzzRefuse(f *testing.F) {
	f.Add([]byte{0, 0, 3, 0, 1, 3, 0, 2, 3, 0, 9, 7, 0, 10, 11}, []byte{1, 4}, uint8(125), uint8(16))
	f.Add([]byte{0, 0, 7, 0, 0, 3, 0, 1, 3, 0, 1, 11, 0, 2, 15}, []byte{2}, uint8(4), uint8(0))
	f.Add([]byte{0, 7, 0, 0, 8, 0, 0, 90, 0, 0, 99, 1, 0, 100, 1}, []byte{8, 95}, uint8(60), uint8(255))
	f.Fuzz(func(t *testing.T, data, holes []byte, most, gap uint8) {
		tags := randomTags(data)
		if len(tags) > 60 {
			tags = tags[:60]
		}
		if len(holes) > 8 {
			holes = holes[:8]
		}
		refuse := func(r request) Exception {
			if int(r.count) > max(int(most), 1) {
				return IllegalDataAddress
			}
			for _, h := range holes {
				if int(h-byte(r.address)) < int(r.count) { // one in each 256 addresses
					return IllegalDataAddress
				}
			}
			return 0
		}
		p := planOf(Limits{MaxGap: int(gap)}, tags...)
		u := newUnit()
		u.refuse = refuse
		last := 0
		for n := range 18 {
			if n < 10 && n%3 == 2 { // what has been found out is tried again
				u.now = u.now.Add(time.Duration(n) * firstPause)
				u.epoch += n / 5
			}
			for i, q := range u.poll(t, p) {
				want := mapping.Good
				alone := request{
					function: functions[tags[i].Address.Table],
					address:  tags[i].Address.Number,
					count:    uint16(tags[i].Registers()),
				}
				if int(alone.address)+int(alone.count) > 65536 || tags[i].Registers() > 125 || refuse(alone) != 0 {
					want = mapping.BadConfigurationError
				}
				if q != want {
					t.Fatalf("quality of tag %d (%v, %d registers) = %v, want %v", i, tags[i].Address, alone.count, q, want)
				}
			}
			last = u.refused
		}
		if last != 0 {
			t.Fatalf("still %d of %d requests refused: %v", last, len(u.asked), u.asked)
		}
	})
}
