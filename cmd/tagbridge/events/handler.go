package events

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// Handler has a log record be an event as well: one with an attribute event, its kind. It goes on to the log without that,
// and without an attribute of, the names ([]string) of those devices that it happened to when it is about several, and one
// heard, when each of them last answered ([]time.Time). What the
// log is told with device, tag, sink and by is the event's, and the text is what the log says, as a sentence.
type Handler struct {
	slog.Handler
	store *Store
	with  []slog.Attr // of WithAttrs
}

// NewHandler makes one that logs to inner.
func NewHandler(inner slog.Handler, store *Store) *Handler {
	return &Handler{Handler: inner, store: store}
}

// What only the event is told.
const (
	eventKey = "event"
	ofKey    = "of"
	heardKey = "heard"
)

// Enabled implements slog.Handler: an event is one whatever the level of the log is.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.with = append(append([]slog.Attr(nil), h.with...), attrs...)
	next.Handler = h.Handler.WithAttrs(attrs)
	return &next
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	next := *h
	next.Handler = h.Handler.WithGroup(name)
	return &next
}

// Handle implements slog.Handler.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	var kind Kind
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == eventKey {
			kind = Kind(a.Value.String())
		}
		return kind == ""
	})
	if kind != "" {
		r = h.add(r, kind)
	}
	if !h.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// add adds the event that r is, and returns what of it is the log's.
func (h *Handler) add(r slog.Record, kind Kind) slog.Record {
	plain := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	var devices []string
	var heard []time.Time
	r.Attrs(func(a slog.Attr) bool {
		switch v := a.Value.Any().(type) {
		case []string:
			if a.Key == ofKey {
				devices = v
				return true
			}
		case []time.Time:
			if a.Key == heardKey {
				heard = v
				return true
			}
		}
		if a.Key != eventKey {
			plain.AddAttrs(a)
		}
		return true
	})
	e := Event{Time: r.Time, Kind: kind}
	var details []string
	told := map[string]string{}
	each := func(a slog.Attr) bool {
		told[toldAs(a.Key)] = a.Value.Resolve().String()
		if text := e.attribute(a); text != "" {
			details = append(details, text)
		}
		return true
	}
	for _, a := range h.with {
		each(a)
	}
	plain.Attrs(each)
	var ok bool
	if e.Text, ok = sentence(r.Message, told); !ok {
		e.Text = r.Message
		if len(details) > 0 {
			e.Text += ": " + strings.Join(details, ", ")
		}
	}
	if devices == nil {
		devices = []string{e.Device}
	}
	for i, device := range devices {
		e.Device, e.Heard = device, time.Time{}
		if i < len(heard) {
			e.Heard = heard[i]
		}
		h.store.Add(e)
	}
	return plain
}

// attribute takes over an attribute, and returns what it adds to the text.
func (e *Event) attribute(a slog.Attr) string {
	text := a.Value.Resolve().String()
	switch a.Key {
	case "device":
		e.Device = text
	case "tag":
		e.Tag = text
	case "sink":
		e.Sink = text
	case "by":
		e.By = text
	case "devices", "names", "endpoint", "": // of is exact
	case "err", "reason", "problem", "what", "before":
		return text
	default:
		return strings.ReplaceAll(a.Key, "_", " ") + " " + text
	}
	return ""
}
