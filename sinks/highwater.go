package sinks

// HighWater tells when memory that is reused has become far larger than its use: after a backlog was drained, a sink
// that keeps up must not go on holding what the drain needed. The zero value is ready.
type HighWater struct{ peak, uses int }

// watchUses is over how many uses a HighWater looks for the fullest one, and spareBytes what it never minds.
const (
	watchUses  = 32
	spareBytes = 64 << 10
)

// Shed notes that used bytes of size were needed this time, and reports whether the memory should be let go of:
// it was not once filled to a quarter in the last watchUses uses.
func (h *HighWater) Shed(used, size int) bool {
	h.peak = max(h.peak, used)
	if h.uses++; h.uses < watchUses {
		return false
	}
	shed := size > spareBytes && h.peak < size/4
	h.peak, h.uses = 0, 0
	return shed
}
