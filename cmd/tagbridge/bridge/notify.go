package bridge

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// statusEvery is how often systemd is told how the bridge is doing.
const statusEvery = 5 * time.Second

// notifier talks to systemd (sd_notify(3)). Its methods work on nil, which is a bridge that runs without.
type notifier struct {
	conn     net.Conn
	watchdog time.Duration // between two signs of life; 0: none are wanted
	fed      time.Time
	told     time.Time
	status   string
}

// newNotifier is for the socket of that name, which systemd gives in $NOTIFY_SOCKET; nil when there is none.
func newNotifier(socket string) *notifier {
	if socket == "" {
		return nil
	}
	conn, err := net.Dial("unixgram", socket)
	if err != nil {
		return nil
	}
	n := &notifier{conn: conn}
	if us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		if pid := os.Getenv("WATCHDOG_PID"); pid == "" || pid == strconv.Itoa(os.Getpid()) {
			n.watchdog = time.Duration(us) * time.Microsecond / 3
		}
	}
	return n
}

func (n *notifier) send(text string) {
	if n != nil {
		n.conn.Write([]byte(text)) // systemd that does not listen is no reason to do anything else
	}
}

// ready says that the bridge polls, and after reloading that this is done, whether it was applied or not.
func (n *notifier) ready(status string) { n.send("READY=1\nSTATUS=" + status) }

// reloading says that a reload has begun. systemd tells by the time which request it belongs to.
func (n *notifier) reloading() {
	if us, ok := monotonic(); ok {
		n.send(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", us))
	}
}

func (n *notifier) stopping() { n.send("STOPPING=1") }

// beat is called every second. It feeds the watchdog unless something is stuck, and tells the status when it is new.
func (n *notifier) beat(stuck, status func() string) {
	if n == nil {
		return
	}
	now := time.Now()
	if n.watchdog > 0 && now.Sub(n.fed) >= n.watchdog {
		if stuck() == "" {
			n.send("WATCHDOG=1")
			n.fed = now
		}
	}
	if now.Sub(n.told) >= statusEvery {
		n.told = now
		if s := status(); s != n.status {
			n.status = s
			n.send("STATUS=" + s)
		}
	}
}
