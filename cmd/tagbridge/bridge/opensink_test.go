package bridge

import (
	"maps"
	"slices"
	"testing"

	"tagbridge/mapping/config"
)

// TestEveryTypeOfSinkIsOpened has a line for each type that the configuration knows, and for no other.
func TestEveryTypeOfSinkIsOpened(t *testing.T) {
	known := slices.Sorted(slices.Values(config.SinkTypes()))
	if opened := slices.Sorted(maps.Keys(openers)); !slices.Equal(opened, known) {
		t.Errorf("opened are %v, the configuration knows %v", opened, known)
	}
}
