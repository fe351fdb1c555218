//go:build !linux

package bridge

// monotonic is not known: there is no systemd that would ask.
func monotonic() (us int64, ok bool) { return 0, false }
