package mqtt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tagbridge/sinks"
)

// keptTopics are the discovery topics that the broker has of this sink, as a file has them: what was retained there stays for ever
// unless it is taken back, also when the tag, or discovery, was taken out of the configuration while the bridge was off. What is
// not in the file is not taken back: it may be another's. It is for one goroutine at a time.
type keptTopics struct {
	path   string // "": nothing is kept
	broker string // whose they are
	topics map[string]keptTopic
	dirty  bool // the file does not have what is here
}

// keptTopic is what a topic tells of. It is the bridge itself without a device.
type keptTopic struct {
	Topic     string `json:"topic"`
	Component string `json:"component,omitempty"`
	Bridge    string `json:"bridge"`
	Device    string `json:"device,omitempty"`
	Tag       string `json:"tag,omitempty"`
}

// What is kept is bounded: topics, and the bytes of a file that is read.
const (
	maxKept      = 100_000
	maxKeptBytes = 64 << 20
)

// keptFile is how the file begins: its version, a checksum of the rest, and the broker.
const keptFile = "discovery 1 %08x %s\n"

var errKeptDamaged = errors.New("it is damaged")

// read reads the file. Of one that is damaged, or about another broker, nothing is known.
func (k *keptTopics) read() error {
	k.topics = map[string]keptTopic{}
	if k.path == "" {
		return nil
	}
	info, err := os.Stat(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var text []byte
	if err == nil && info.Size() > maxKeptBytes {
		err = errKeptDamaged
	}
	if err == nil {
		text, err = os.ReadFile(k.path)
	}
	if err == nil {
		err = k.parse(text)
	}
	if err != nil {
		clear(k.topics)
		return fmt.Errorf("read %s: %w", filepath.Base(k.path), err)
	}
	return nil
}

func (k *keptTopics) parse(text []byte) error {
	head, rest, ok := bytes.Cut(text, []byte("\n"))
	var sum uint32
	var broker string
	if n, _ := fmt.Sscanf(string(head)+"\n", keptFile, &sum, &broker); !ok || n != 2 || crc32.ChecksumIEEE(rest) != sum {
		return errKeptDamaged
	}
	if broker != k.broker {
		return nil
	}
	for line := range bytes.Lines(rest) {
		var t keptTopic
		if err := json.Unmarshal(line, &t); err != nil || !t.sound() || len(k.topics) == maxKept {
			return errKeptDamaged
		}
		k.topics[t.Topic] = t
	}
	return nil
}

// sound reports that t may be a topic of discovery.
func (t *keptTopic) sound() bool {
	return len(t.Topic) < 1<<16 && strings.HasSuffix(t.Topic, "/config") && !strings.ContainsAny(t.Topic, "+#\x00")
}

// add notes that c is about to be told.
func (k *keptTopics) add(c *homeConfig) {
	if _, known := k.topics[c.topic]; known || k.path == "" {
		return
	}
	if len(k.topics) == maxKept {
		return
	}
	k.topics[c.topic] = c.of
	k.dirty = true
}

// remove notes that the broker has nothing on that topic any more.
func (k *keptTopics) remove(topic string) {
	if _, known := k.topics[topic]; known {
		delete(k.topics, topic)
		k.dirty = true
	}
}

// write brings what has changed to the file; there is none of nothing.
func (k *keptTopics) write() error {
	if !k.dirty {
		return nil
	}
	k.dirty = false
	if len(k.topics) == 0 {
		if err := os.Remove(k.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	var rest bytes.Buffer
	list := json.NewEncoder(&rest)
	for _, topic := range k.sorted() {
		if err := list.Encode(k.topics[topic]); err != nil {
			return err
		}
	}
	if err := sinks.MakeFolder(filepath.Dir(k.path), 0o750); err != nil {
		return err
	}
	head := fmt.Sprintf(keptFile, crc32.ChecksumIEEE(rest.Bytes()), k.broker)
	return sinks.ReplaceFile(k.path, append([]byte(head), rest.Bytes()...), 0o640)
}

func (k *keptTopics) sorted() []string {
	list := make([]string, 0, len(k.topics))
	for topic := range k.topics {
		list = append(list, topic)
	}
	slices.Sort(list)
	return list
}

// sweepEvery is how often it is looked which of the kept topics are of nothing any more.
const sweepEvery = time.Minute

// sweep has the topics be taken back, of those that are kept, that this configuration would not tell: their tag is gone, or they are
// called otherwise now. Of a tag that has not been read yet the topic stays.
func (h *home) sweep(now time.Time) {
	if left := h.sweeps.Sub(now); left > 0 {
		if !h.swept && len(h.kept.topics) > 0 {
			h.alarm.Reset(left)
		}
		return
	}
	h.sweeps, h.swept = now.Add(sweepEvery), true
	for _, topic := range h.kept.sorted() {
		t := h.kept.topics[topic]
		tag := homeTag{t.Device, t.Tag}
		if _, doubted := h.doubts[tag]; doubted || h.stands(&t) {
			continue
		}
		h.list = append(h.list, &homeConfig{topic: topic})
		if topic == h.topic(t.Component, t.Bridge, t.Device, t.Tag) {
			delete(h.tags, tag)
		}
	}
}

// stands reports that t is told, or would be if its tag were read.
func (h *home) stands(t *keptTopic) bool {
	switch {
	case h.o.Prefix == "":
		return false
	case h.o.Bridge != "" && t.Bridge != h.o.Bridge: // but a backlog may be of before the bridge was renamed
		told := h.tags[homeTag{t.Device, t.Tag}].group
		return told != nil && told.Bridge == t.Bridge
	case t.Device == "":
		return h.stateTopic != "" && t.Topic == h.bridgeTopic(t.Bridge)
	}
	return t.Topic == h.topic(t.Component, t.Bridge, t.Device, t.Tag) && h.known(t.Device, t.Tag).There
}
