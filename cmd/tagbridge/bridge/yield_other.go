//go:build !linux

package bridge

// yield does nothing: only Linux has a priority for each thread that anybody may lower.
func yield() {}
