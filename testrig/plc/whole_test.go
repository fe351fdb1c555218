package plc

import (
	"testing"

	"tagbridge/mapping"
)

func TestKeepWhole(t *testing.T) {
	u := NewUnit(UnitOptions{})
	if err := u.Set(mapping.Holding, 10, 1, 2, 3, 4, 5, 6); err != nil {
		t.Fatal(err)
	}
	u.KeepWhole(mapping.Holding, 12, 2)
	for _, c := range []struct {
		first, count uint16
		refused      bool
	}{
		{10, 6, false}, {12, 2, false}, {10, 2, false}, {14, 2, false}, {10, 3, true}, {13, 1, true}, {13, 3, true}, {12, 1, true},
	} {
		if got := u.cuts(request{fnHolding, c.first, c.count}); got != c.refused {
			t.Errorf("holding %d, %d of them: cuts %v, want %v", c.first, c.count, got, c.refused)
		}
		answer, _ := u.answer(nil, frame{unit: 1, pdu: []byte{fnHolding, 0, byte(c.first), 0, byte(c.count)}})
		if refused := answer[headerSize] == fnHolding|0x80 && answer[headerSize+1] == illegalAddress; refused != c.refused {
			t.Errorf("holding %d, %d of them: answer % x", c.first, c.count, answer)
		}
	}
}
