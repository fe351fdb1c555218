package replica

import (
	"encoding/json"
	"fmt"
	"time"

	"tagbridge/sinks"
)

// Cursor is where a sink of a member is in a journal, as KV holds it.
type Cursor struct {
	Version  int       `json:"version"` // 1
	Journal  string    `json:"journal"` // 16 hex digits
	Run      string    `json:"run"`     // likewise, of the member's process that wrote it or whose rest it is
	Node     string    `json:"node"`
	Sink     string    `json:"sink"`
	Position sinks.Pos `json:"position"`     // the sink needs nothing before it
	At       time.Time `json:"at"`           // when that was so
	By       string    `json:"by,omitempty"` // the node that delivers for Node; "": Node itself
	// What follows is of those who deliver for Node: it is gone once Node writes the cursor itself.
	Seq       uint64    `json:"seq,omitempty"`       // all of the stream up to that sequence was looked at; 0: not known
	Done      bool      `json:"done,omitempty"`      // by then, that was all there is of the journal, as long as its member has not been back with it
	Delivered uint64    `json:"delivered,omitempty"` // samples, by them, since Node wrote the cursor
	Rejected  uint64    `json:"rejected,omitempty"`  // likewise: the sink refused them, and they are in a file of who delivered
	Missing   []Missing `json:"missing,omitempty"`   // before Position, ascending: what could not be delivered, as the stream did not have it
}

// Missing is positions that nobody had a copy of.
type Missing struct {
	sinks.Span
	Why string `json:"why"`
}

// End is how far a journal goes, as KV holds it.
type End struct {
	Version  int       `json:"version"` // 1
	Journal  string    `json:"journal"`
	Run      string    `json:"run"`
	Node     string    `json:"node"`
	Position sinks.Pos `json:"position"`          // after the last sample taken
	Copied   sinks.Pos `json:"copied"`            // after the last one that the stream has acknowledged
	At       time.Time `json:"at"`                // when that was so
	Origin   string    `json:"origin,omitempty"`  // as Message has it
	First    sinks.Pos `json:"first,omitempty"`   // likewise
	Stopped  bool      `json:"stopped,omitempty"` // the process stopped in order: nothing of this run comes after it
}

// cursorVersion is the format of both; mostCursor how long one is at most.
const (
	cursorVersion = 1
	mostCursor    = 16 << 10
)

// Name is an identity of a journal or run as it stands in keys and values.
func Name(identity uint64) string { return fmt.Sprintf("%016x", identity) }

// endToken stands in a key where others have a sink, which no sink is called.
const endToken = "_journal"

// CursorKey is the key of a sink's cursor; node and sink are safe names.
func CursorKey(node string, journal uint64, sink string) string {
	return node + "." + Name(journal) + "." + sink
}

// EndKey is the key of a journal's end; node is a safe name.
func EndKey(node string, journal uint64) string { return CursorKey(node, journal, endToken) }

// ParseCursor reads the value of a CursorKey.
func ParseCursor(b []byte) (c Cursor, err error) {
	if err = parseValue(b, &c, &c.Version); err == nil && (c.Position > maxPosition || c.Sink == "") {
		err = fmt.Errorf("parse a cursor: %w", errDamaged)
	}
	return c, err
}

// ParseEnd reads the value of an EndKey.
func ParseEnd(b []byte) (e End, err error) {
	if err = parseValue(b, &e, &e.Version); err == nil && (e.Position > maxPosition || e.Copied > maxPosition || e.First > maxPosition) {
		err = fmt.Errorf("parse the end of a journal: %w", errDamaged)
	}
	return e, err
}

func parseValue(b []byte, to any, version *int) error {
	if len(b) > mostCursor {
		return fmt.Errorf("parse a cursor of %d bytes: %w", len(b), errDamaged)
	}
	if err := json.Unmarshal(b, to); err != nil {
		return fmt.Errorf("parse a cursor: %w", err)
	}
	switch {
	case *version > cursorVersion:
		return fmt.Errorf("parse a cursor of format %d: %w", *version, ErrVersion)
	case *version != cursorVersion:
		return fmt.Errorf("parse a cursor: %w", errDamaged)
	}
	return nil
}

// Bytes is c as it is kept. Version is filled in.
func (c Cursor) Bytes() []byte { c.Version = cursorVersion; return valueOf(c) }

// Bytes is e as it is kept. Version is filled in.
func (e End) Bytes() []byte { e.Version = cursorVersion; return valueOf(e) }

func valueOf(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // of texts, numbers and a time of this age
	}
	return b
}
