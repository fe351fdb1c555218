package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"sync"

	"tagbridge/cmd/tagbridge/events"
)

// mostNewest is how many of the newest events can be asked for by their number.
const mostNewest = 200

// newest knows the newest events: pages ask for them again and again, and each event is read once.
type newest struct {
	mu     sync.Mutex
	dir    string
	reader *events.Reader
	list   []events.Event // in the order in which they were found
}

// of are the last n events that q takes, of the newest that are known, the latest at the end.
func (k *newest) of(dataDir string, q events.Query, n int) ([]events.Event, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if dir := events.Folder(dataDir); k.reader == nil || k.dir != dir {
		k.reader, k.dir, k.list = events.NewReader(dir), dir, nil
	}
	err := k.reader.Next(events.Query{}, func(e *events.Event) bool {
		if len(k.list) == 2*mostNewest {
			k.list = append(k.list[:0], k.list[mostNewest:]...)
		}
		k.list = append(k.list, *e)
		return true
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // nothing has happened yet
	}
	list := []events.Event{}
	for i := len(k.list) - 1; i >= max(0, len(k.list)-mostNewest) && len(list) < n; i-- {
		if q.Takes(&k.list[i]) {
			list = append(list, k.list[i])
		}
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list, err
}

// lastOf reads the parameter last; 0: it is not there.
func lastOf(query url.Values) (int, error) {
	all, there := query["last"]
	if !there {
		return 0, nil
	}
	n, err := strconv.Atoi(all[0])
	if len(all) > 1 || err != nil || n < 1 || n > mostNewest {
		return 0, fmt.Errorf("last: write one number from 1 to %d: how many of the newest %d events", mostNewest, mostNewest)
	}
	return n, nil
}
