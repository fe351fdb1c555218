package sinktest

import (
	"maps"
	"runtime"
	"slices"
	"strings"
)

// goroutines are those that there are now, by name, "goroutine 7", with their stacks. How many there are would not tell
// whether one was left behind: another one, of whoever was here before, may end meanwhile.
func goroutines() map[string]string {
	text := make([]byte, 64<<10)
	n := runtime.Stack(text, true)
	for n == len(text) { // else it is cut
		text = make([]byte, 2*len(text))
		n = runtime.Stack(text, true)
	}
	all := map[string]string{}
	for stack := range strings.SplitSeq(string(text[:n]), "\n\n") {
		name, _, _ := strings.Cut(stack, " [")
		all[name] = stack
	}
	return all
}

// newSince are the stacks of the goroutines that were not there before.
func newSince(before map[string]string) []string {
	now := goroutines()
	maps.DeleteFunc(now, func(name, _ string) bool { _, ok := before[name]; return ok })
	return slices.Sorted(maps.Values(now))
}
