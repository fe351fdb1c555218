package events

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Handler has a log record be an event as well: one that has a group of attributes named event, with what the log does not
// need: kind; since, a time.Time; devices, the names of those that it happened to when the record is about several. The
// record goes on to the log without that group. What the log is told with device, tag, sink and by is the event's, and the
// text is what the log says, in words.
type Handler struct {
	slog.Handler
	store *Store
	with  []slog.Attr // of WithAttrs
}

// NewHandler makes one that logs to inner.
func NewHandler(inner slog.Handler, store *Store) *Handler {
	return &Handler{Handler: inner, store: store}
}

const eventKey = "event"

// What is an attribute of an event, or says nothing to those who read it.
var notText = map[string]bool{"device": true, "devices": true, "tag": true, "sink": true, "by": true, "endpoint": true, "names": true}

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
	var event []slog.Attr
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == eventKey && a.Value.Kind() == slog.KindGroup {
			event = a.Value.Group()
			return false
		}
		return true
	})
	if event == nil {
		if !h.Handler.Enabled(ctx, r.Level) {
			return nil
		}
		return h.Handler.Handle(ctx, r)
	}
	plain := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != eventKey {
			plain.AddAttrs(a)
		}
		return true
	})
	h.add(&plain, event)
	if !h.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, plain)
}

// add adds the event that r is.
func (h *Handler) add(r *slog.Record, event []slog.Attr) {
	e := Event{Time: r.Time}
	var details []string
	each := func(a slog.Attr) bool {
		switch a.Key {
		case "device":
			e.Device = a.Value.String()
		case "tag":
			e.Tag = a.Value.String()
		case "sink":
			e.Sink = a.Value.String()
		case "by":
			e.By = a.Value.String()
		}
		if !notText[a.Key] && !a.Equal(slog.Attr{}) {
			details = append(details, detail(a))
		}
		return true
	}
	for _, a := range h.with {
		each(a)
	}
	r.Attrs(each)
	e.Text = r.Message
	if len(details) > 0 {
		e.Text += ": " + strings.Join(details, ", ")
	}
	devices := []string{e.Device}
	for _, a := range event {
		switch v := a.Value.Any().(type) {
		case time.Time:
			e.Since = v
		case []string:
			devices = v
		default:
			e.Kind = Kind(fmt.Sprint(v))
		}
	}
	for _, e.Device = range devices {
		h.store.Add(e)
	}
}

// detail is an attribute in words: a reason as it is, others with their names.
func detail(a slog.Attr) string {
	text := a.Value.Resolve().String()
	switch a.Key {
	case "err", "reason", "problem", "what", "before":
		return text
	}
	return strings.ReplaceAll(a.Key, "_", " ") + " " + text
}
