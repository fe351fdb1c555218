package drivers

import "testing"

// TestMemoryCut reads what is remembered, cut at every byte: what is whole of it is read, and no more.
func TestMemoryCut(t *testing.T) {
	var text []byte
	for _, tag := range []string{"a", "long/name"} {
		text = append(append(text, byte(len(tag))), tag...)
		text = append(text, 1, 7, 0, 0, 0, 0, 0, 0, 0, 3, 'x', 'y', 'z')
	}
	first := 1 + 1 + 1 + 8 + 1 + 3
	for n := range len(text) + 1 {
		known := map[memoryKey][]byte{}
		parseMemory(text[:n], known)
		want := 0
		if n >= first {
			want++
		}
		if n == len(text) {
			want++
		}
		if len(known) != want || want > 0 && string(known[memoryKey{"a", 1, 7}]) != "xyz" {
			t.Errorf("%d bytes of %d: %v", n, len(text), known)
		}
	}
	parseMemory([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2}, map[memoryKey][]byte{})
}
