package edit

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
)

// ErrBusy is why files cannot be changed: somebody else is at it.
var ErrBusy = errors.New("the files are being changed just now: try again in a moment")

// How long a turn is waited for. A change takes as long as a reload, of large plants some seconds.
const (
	turnTries = 50
	turnPause = 100 * time.Millisecond
)

// takeTurn waits until nobody changes files of a bridge with this data directory, whichever process, and lets nobody begin until
// what it returns is closed, or this process ends. So a record that is there when one has the turn is of somebody who was killed.
func takeTurn(dataDir string) (io.Closer, error) {
	dir := bridge.HistoryIn(dataDir).Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for range turnTries {
		f, held, err := lockFolder(dir)
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", dir, err)
		}
		if !held {
			return f, nil
		}
		time.Sleep(turnPause)
	}
	return nil, ErrBusy
}
