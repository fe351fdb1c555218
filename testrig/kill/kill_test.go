package kill

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"tagbridge/testrig/influxd"
)

// rounds is how often the bridge is killed; TAGBRIDGE_KILLS says otherwise.
func rounds(t *testing.T) int {
	if text := os.Getenv("TAGBRIDGE_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("TAGBRIDGE_KILLS is %q", text)
		}
		return n
	}
	return 50
}

// built is the program as users run it: without the race detector, whose pauses would hide moments to be killed in.
func built(t *testing.T) string {
	bin := filepath.Join(t.TempDir(), "tagbridge")
	if out, err := exec.Command("go", "build", "-o", bin, "tagbridge/cmd/tagbridge").CombinedOutput(); err != nil {
		t.Fatalf("build the bridge: %v\n%s", err, out)
	}
	return bin
}

// TestKill kills the bridge at random moments of its start and of its work while the sink fails and recovers. What the
// journal had taken must all have arrived, in order, and twice only what was in flight.
func TestKill(t *testing.T) {
	const seed = 11
	chance := rand.New(rand.NewPCG(seed, 0))
	p := newPlant(t, built(t))
	first := p.start()
	p.await("the first values in the sink", func() bool { return len(p.sink.writes()) > 2 })
	first.kill()
	n := rounds(t)
	for i := range n {
		p.sink.trouble(chance)
		b := p.start()
		if i%2 == 0 {
			b.killAfter(time.Duration(chance.IntN(600)) * time.Millisecond)
			continue
		}
		want := p.asked() + 1 + chance.IntN(60)
		p.await("a few polls", func() bool { return p.asked() >= want })
		b.kill()
	}
	p.sink.Script()
	p.sink.Always(influxd.Step{})
	last := p.start()
	want := p.asked() + 20
	p.await("polls after the last kill", func() bool { return p.asked() >= want })
	p.stopPolls()
	last.stop()

	taken := p.dump()
	t.Logf("%d kills, %d requests answered, %d samples taken, %d writes", n+1, p.asked(), len(taken), len(p.sink.writes()))
	p.checkPolls(taken)
	p.checkDelivered(taken)
	p.checkOrder()
	p.checkTwice()
	if files, _ := filepath.Glob(filepath.Join(p.dir, "data", "rejected", "*")); len(files) > 0 {
		t.Errorf("something was rejected: %v", files)
	}
	if c := p.sink.Count(); c.Changed != 0 || c.Malformed != 0 || c.Conflicts != 0 {
		t.Errorf("the sink counted %+v", c)
	}
}

// key is a sample.
type key struct {
	device, tag string
	time        int64
}

func (k key) String() string { return fmt.Sprintf("%s/%s at %d", k.device, k.tag, k.time) }
