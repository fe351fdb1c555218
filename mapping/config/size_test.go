package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestMoreThanCanBeKept has tags whose labels together are longer than the journal can keep, and some that are not.
func TestMoreThanCanBeKept(t *testing.T) {
	for tags, want := range map[int]bool{100: false, 17_000: true} {
		var b strings.Builder
		b.WriteString("tag,address,type,label.x\n")
		for i := range tags {
			fmt.Fprintf(&b, "t%d,%d,uint16,%0900d\n", i, 40001+i%9000, i)
		}
		_, ps := loadMap(t, b.String())
		if got := strings.Contains(fmt.Sprint(ps), "its tags take"); got != want {
			t.Errorf("%d tags: found %v, want %v", tags, got, want)
		}
	}
}
